"""A bundle for somebody who has nothing of ours: records with their signatures, decisions, keys, and a checker.

Names: ``records/RUN.json`` with ``.sig`` and ``.events``, ``reviews/`` and ``signoffs/`` likewise, ``signers`` as the
IT lead signed it, ``checkpoint.txt``, ``verify.py`` (Python alone) and ``VERIFY.txt`` (``ssh-keygen``). The
manifest, ``bundle/1``, names each file by hash, and says how many records there are in all.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from evidence.canonical import canonical
from evidence.decisions import about
from evidence.event import now
from evidence.ledger import Document, Ledger
from evidence.parcel import EPOCH
from evidence.roles import RECORD, REVIEW, SIGNOFF
from evidence.sshsig import Signer
from ops.private import new_file

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
    runs: frozenset[str] | None,
    more: Mapping[str, bytes],
    signer: Signer,
) -> tuple[int, int]:
    """Write records (all, or those of some runs) and decisions about a person; return how many, of how many.

    ``more`` holds further files by name: signers, checkpoint, a portfolio. Records are written one by one.
    """
    total = count = 0
    with new_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        listed: dict[str, str] = {}
        for one in ledger.each(RECORD):
            total += 1
            if runs is None or one.run in runs:
                count += 1
                _add(package, listed, _signed("records", one))
                events = "".join(f"{text}\n" for text in ledger.texts(one.run)).encode()
                _add(package, listed, [(f"records/{one.run}.events", events)])
        for folder, kind in (("reviews", REVIEW), ("signoffs", SIGNOFF)):
            for one in about(decisions, kind, person):
                _add(package, listed, _signed(folder, one))
        _add(package, listed, [*more.items(), ("VERIFY.txt", HOW.encode())])
        manifest = canonical({"schema": "bundle/1", "made": now(), "total": total, "files": listed})
        signature = signer.sign(NAMESPACE, manifest).encode()
        last = [("verify.py", checker()), ("manifest.json", manifest), ("manifest.json.sig", signature)]
        _add(package, {}, last)
    return count, total


def _add(package: zipfile.ZipFile, listed: dict[str, str], content: Iterable[tuple[str, bytes]]) -> None:
    for name, data in content:
        package.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
        listed[name] = sha256(data).hexdigest()


def _signed(folder: str, one: Document) -> list[tuple[str, bytes]]:
    name = f"{folder}/{one.run}.json"
    return [(name, one.text.encode()), (f"{name}.sig", one.signature.encode())]


def checker() -> bytes:
    """The checker that goes with every bundle."""
    return Path(__file__).with_name("verify_bundle.py").read_bytes()
