"""Checkpoints as files: made, cosigned and compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence import checkpoint
from evidence.checkpoint import Broken
from evidence.enrolment import people
from evidence.ledger import Ledger
from evidence.sshsig import fingerprint
from evidence.sshverify import verify
from ops import regular_file
from ops.cli import handing, mentoring
from ops.cli.site import Site
from ops.errors import EvidenceInvalid, NotFound
from ops.private import new_file


def make(site: Site, path: Path) -> str:
    """Write our own checkpoint, signed, into a new file with its signature beside it."""
    text = checkpoint.made([(site.identity.chain, site.ledger.head())])
    signature = site.signer.sign(checkpoint.NAMESPACE, text.encode())
    with new_file(path) as file, new_file(path.with_name(f"{path.name}.sig")) as beside:
        file.write(text.encode())
        beside.write(signature.encode())
    return text


def read(path: Path) -> tuple[str, str]:
    """A checkpoint file and the fingerprint of the key that signed it; raise if either does not hold."""
    text = regular_file.text(path, "ascii")
    signature = regular_file.text(path.with_name(f"{path.name}.sig"), "ascii")
    checkpoint.read(text)
    return text, fingerprint(verify(signature, checkpoint.NAMESPACE, text.encode()))


def broken(site: Site, path: Path | None, person: str) -> Iterator[tuple[str, list[Broken]]]:
    """Whose checkpoint, and where the evidence does not go on from it: one file, or all that are held."""
    if path is not None:
        text, key = read(path)
        who = people(site.signers).get(key, key)
        with _evidence(site, person) as ledger:
            yield who, checkpoint.compare(ledger, checkpoint.read(text))
        return
    found = handing.cosigned(site)
    if not found:
        hint = "hand records in; what comes back holds one: ops evidence receive"
        raise NotFound("nobody has vouched for your evidence yet", hint=hint)
    for mentor, text in found.items():
        yield mentoring.name_of(site, mentor), checkpoint.compare(site.ledger, checkpoint.read(text))


@contextmanager
def _evidence(site: Site, person: str) -> Iterator[Ledger]:
    """The ledger a checkpoint is compared with: our own, or an apprentice's as we hold it."""
    if not person:
        yield site.ledger
        return
    with mentoring.held(mentoring.file_of(site, person)) as held:
        yield held


def refuse(found: list[tuple[str, list[Broken]]]) -> None:
    """Raise ``EvidenceInvalid`` if anything is broken."""
    faults = [f"{one.chain}: {one.problem}" for _, some in found for one in some]
    if faults:
        raise EvidenceInvalid(
            "; ".join(faults), hint="keep everything as it is, and compare it with your mentor's copy"
        )
