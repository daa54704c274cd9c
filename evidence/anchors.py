"""The IT lead's word that an environment is what it is called: its class, name and anchors, signed.

Without it work on STAGING and PRODUCTION is at most M2, for anybody could write the class into a file; LAB is the
lower claim and needs no signature. The files are ``anchors`` and ``anchors.sig`` beside ``ops.toml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evidence.canonical import canonical
from evidence.roles import ANCHORS
from evidence.sshsig import Signer, fingerprint
from evidence.sshverify import verify
from ops.errors import EvidenceInvalid, InvalidRequest
from ops.private import write_private

FILE = "anchors"


def text(kind: str, name: str, anchors: Sequence[str]) -> bytes:
    """What is signed."""
    body = {"schema": "anchors/1", "class": kind, "name": name, "anchors": sorted(anchors)}
    return canonical(body)


def vouch(folder: Path, kind: str, name: str, anchors: Sequence[str], signer: Signer) -> Path:
    """Sign the environment of a workspace; raise ``InvalidRequest`` for one without anchors."""
    if not anchors:
        hint = "write its certificate authority's fingerprint into anchors: ops config show"
        raise InvalidRequest(f"{name} has no anchors that could be vouched for", hint=hint)
    whole = text(kind, name, anchors)
    write_private(folder / f"{FILE}.sig", signer.sign(ANCHORS, whole))
    write_private(folder / FILE, whole.decode())
    return folder / FILE


def vouched(folder: Path, kind: str, name: str, anchors: Sequence[str], lead: str) -> bool:
    """Whether the IT lead with this key signed exactly this environment."""
    try:
        signature = (folder / f"{FILE}.sig").read_text(encoding="ascii")
        return bool(lead) and fingerprint(verify(signature, ANCHORS, text(kind, name, anchors))) == lead
    except (OSError, UnicodeDecodeError, EvidenceInvalid):
        return False
