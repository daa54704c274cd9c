"""A bundle for somebody who has nothing of ours: records with their signatures, decisions, keys, and a checker.

Names: ``records/RUN.json`` with ``.sig`` and ``.events``, ``reviews/`` and ``signoffs/`` likewise, ``signers`` as the
IT lead signed it, ``checkpoint.txt``, ``verify.py`` (Python alone) and ``VERIFY.txt`` (``ssh-keygen``). The
manifest, ``bundle/1``, names each file by hash, and says how many records there are in all.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from evidence.canonical import canonical
from evidence.event import now
from evidence.ledger import Document, Ledger
from evidence.papers import files
from evidence.parcel import EPOCH
from evidence.roles import RECORD, REVIEW, SIGNOFF
from evidence.sshsig import Signer

NAMESPACE = "evidence-bundle-v1"
HOW = """\
How to check this without any tool of ours

    python3 verify.py BUNDLE.zip        needs Python 3 and nothing else

or by hand, with OpenSSH, in the folder it was unpacked to:

    ssh-keygen -Y verify -f signers -I WHO -n evidence-record-v1 -s records/RUN.json.sig < records/RUN.json
    ssh-keygen -Y verify -f signers -I WHO -n evidence-review-v1 -s reviews/ID.json.sig < reviews/ID.json
    ssh-keygen -Y verify -f signers -I WHO -n evidence-signoff-v1 -s signoffs/ID.json.sig < signoffs/ID.json

WHO is performer.id, reviewer.id or signer.id in the text itself. For a key that has expired since, add
-Overify-time=YYYYMMDDhhmmssZ with the time at which somebody else first saw it: that of the checkpoint.
"Good" means: the holder of that key signed exactly this text. Whose key it is the file signers says, which is
signed by the IT lead (namespace evidence-signers-v1); compare that key with the IT lead in person.

What this does not prove
    who sat at the keyboard, or whether the performer understood what was done;
    that nothing was left out after the last checkpoint somebody else signed;
    that a machine was what it seemed, beyond the anchors each record names.
"""


def write(
    path: Path,
    ledger: Ledger,
    decisions: Ledger,
    person: str,
    runs: Sequence[str] | None,
    more: dict[str, bytes],
    signer: Signer,
) -> tuple[int, int]:
    """Write records (all, or those of some runs) and decisions about a person; return how many, of how many.

    ``more`` holds further files by name: signers, checkpoint, a portfolio.
    """
    total = sum(1 for _ in ledger.each(RECORD))
    chosen = [one for one in ledger.each(RECORD) if runs is None or one.run in runs]
    content = dict(_signed("records", chosen))
    for one in chosen:
        content[f"records/{one.run}.events"] = "".join(f"{text}\n" for text in ledger.texts(one.run)).encode()
    for folder, kind in (("reviews", REVIEW), ("signoffs", SIGNOFF)):
        content |= dict(_signed(folder, [d for d in decisions.each(kind) if d.body["apprentice"] == person]))
    content |= {**more, "VERIFY.txt": HOW.encode(), "verify.py": checker()}
    manifest = canonical(
        {
            "schema": "bundle/1",
            "made": now(),
            "total": total,
            "files": {name: sha256(data).hexdigest() for name, data in content.items() if name != "verify.py"},
        }
    )
    content["manifest.json"] = manifest
    content["manifest.json.sig"] = signer.sign(NAMESPACE, manifest).encode()
    files.save(path, _packed(content))
    return len(chosen), total


def checker() -> bytes:
    """The checker that goes with every bundle."""
    return Path(__file__).with_name("verify_bundle.py").read_bytes()


def _signed(folder: str, documents: Sequence[Document]) -> Iterator[tuple[str, bytes]]:
    for one in documents:
        yield f"{folder}/{one.run}.json", one.text.encode()
        yield f"{folder}/{one.run}.json.sig", one.signature.encode()


def _packed(content: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in content.items():
            package.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
