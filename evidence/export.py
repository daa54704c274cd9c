"""Taking records out: files that anybody can check with ``ssh-keygen`` and ``sha256sum``, without this tool."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from evidence.canonical import canonical, digest
from evidence.ledger import Document, Ledger
from evidence.record import NAMESPACE
from evidence.sshsig import fingerprint
from evidence.sshverify import verify
from evidence.strength import strength
from ops import regular_file
from ops.errors import EvidenceInvalid, InvalidRequest, NotFound
from ops.private import unwritable

LARGEST_EVENTS = 1 << 30  # bytes of one run: a bulk of many thousand rows
PARTS = (".json", ".json.sig", ".events")
HOW = """How to check these records without the tool that wrote them

You need ssh-keygen (OpenSSH 8.1 or later) and the fingerprint of the performer's key, which you were handed
by the performer in person. The file performer.pub in this folder is convenient and proves nothing by itself:
compare it first.

    ssh-keygen -lf performer.pub            must print the fingerprint you were handed
    (echo -n "{person} "; cat performer.pub) > allowed_signers
    ssh-keygen -Y verify -f allowed_signers -I {person} -n {namespace} -s RUN.json.sig < RUN.json

"Good" means: the holder of that key signed exactly this text. For a key that has expired since, add
-Overify-time=YYYYMMDDhhmmssZ with the time at which somebody else first saw the record.

RUN.events holds the recorded events, one canonical JSON text a line. The SHA-256 of each line is the "prev"
of the next event in the chain; that of the last is "chain.head" in the record.

What this does not prove
    who sat at the keyboard, or whether the performer understood what was done;
    that nothing was left out after the last checkpoint somebody else holds;
    that the machine was what it seemed, beyond the anchors named under "env".
"""


@dataclass(frozen=True)
class Checked:
    """What checking one exported record came to. ``verdict`` is holds, altered or signer unknown."""

    run: str
    verdict: str
    detail: str


def export(ledger: Ledger, runs: Iterable[str], folder: Path, person: str, with_names: bool = False) -> int:
    """Write the records of these runs, one by one, into a new folder; return how many."""
    documents = (found for run in runs if (found := ledger.document(run, NAMESPACE)))
    first = next(documents, None)
    if first is None:
        raise NotFound("there is no record to export", hint="ops evidence list")
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise InvalidRequest(f"{folder} exists already", hint="name a new folder") from None
    except OSError as error:
        raise InvalidRequest(f"{folder} cannot be made: {error.strerror}", hint="choose another place") from error
    how = HOW.replace("{person}", person).replace("{namespace}", NAMESPACE)
    with _whole_or_gone(folder):
        key, count = verify(first.signature, NAMESPACE, first.text.encode()), 0
        for document in chain([first], documents):
            _write(ledger, document, folder, with_names)
            count += 1
        (folder / "performer.pub").write_text(_public_line(key), encoding="ascii")
        (folder / "VERIFY.txt").write_text(how, encoding="utf-8")
    return count


@contextmanager
def _whole_or_gone(folder: Path) -> Iterator[None]:
    """Nothing is left of an export that failed."""
    try:
        yield
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise unwritable(folder, error) from error
        raise


def _write(ledger: Ledger, document: Document, folder: Path, with_names: bool) -> None:
    """Raises ``OSError``."""
    base = folder / f"{document.run}.json"
    base.write_text(document.text, encoding="utf-8")
    base.with_name(base.name + ".sig").write_text(document.signature, encoding="ascii")
    (folder / f"{document.run}.events").write_text("".join(f"{t}\n" for t in ledger.texts(document.run)), "utf-8")
    if with_names:
        private = folder / f"{document.run}.private.json"
        private.touch(mode=0o600)
        private.write_text(json.dumps(ledger.disclosures(document.run), ensure_ascii=False, indent=1), "utf-8")


def _public_line(key: bytes) -> str:
    import base64

    kind = key[4 : 4 + int.from_bytes(key[:4], "big")].decode()
    return f"{kind} {base64.b64encode(key).decode()}\n"


def check(folder: Path, known: Mapping[str, str]) -> list[Checked]:
    """Check every record of an export. ``known`` maps key fingerprints to people; others are signer unknown."""
    found = {file.name.partition(".")[0] for file in folder.glob("*.*") if file.name.endswith(PARTS)}
    if not found:
        raise NotFound(f"{folder} holds no records", hint="name the folder that ops evidence export made")
    return [_check(folder / f"{run}.json", known) for run in sorted(found)]


def _check(file: Path, known: Mapping[str, str]) -> Checked:
    run = file.name.removesuffix(".json")
    try:
        text = regular_file.content(file)
        signature = regular_file.text(file.with_name(file.name + ".sig"), "ascii")
        events = regular_file.content(file.with_name(f"{run}.events"), LARGEST_EVENTS).splitlines()
    except InvalidRequest as error:
        return Checked(run, "altered", str(error).removeprefix(f"{file.parent}/"))
    checked = check_record(run, text, signature, known)
    if checked.verdict != "altered" and not _lead_to(events, text):
        return Checked(run, "altered", "its events are not those the record names")
    return checked


def _lead_to(events: Sequence[bytes], record: bytes) -> bool:
    """Whether these are the events that a record names, whatever else they may be."""
    try:
        return _meets(events, json.loads(record)["chain"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _meets(events: Sequence[bytes], chain: Mapping[str, Any]) -> bool:
    """Whether they are as many as the record counts, each following the one before, up to the head it names."""
    mine = [json.loads(text) for text in events]
    hashes = {one["seq"]: digest(text) for one, text in zip(mine, events, strict=True)}
    following = all(one["prev"] == hashes.get(one["seq"] - 1, one["prev"]) for one in mine)
    own = [seq for seq in hashes if seq <= chain["last"]]
    return following and hashes.get(chain["last"]) == chain["head"] and len(own) == chain["count"]


def check_record(run: str, text: bytes, signature: str, known: Mapping[str, str]) -> Checked:
    """Check one record: its form, its signature, that the key is the one it names, and its stated strength."""
    try:
        return _judged(run, text, signature, known)
    except EvidenceInvalid as error:
        return Checked(run, "altered", str(error))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Checked(run, "altered", "it was signed, but is not a record")


def _judged(run: str, text: bytes, signature: str, known: Mapping[str, str]) -> Checked:
    key = fingerprint(verify(signature, NAMESPACE, text))
    body = json.loads(text)
    if canonical(body) != text:
        return Checked(run, "altered", "it is not in canonical form")
    if body["performer"]["key"] != key or body["id"] != run:
        return Checked(run, "altered", "it was signed by another key than it names, or renamed")
    if strength(body).machine != body["strength"]["machine"]:
        return Checked(run, "altered", "its strength does not follow from what it says")
    if key not in known:
        return Checked(run, "signer unknown", f"key {key} is not enrolled: compare it with what you were handed")
    return Checked(run, "holds", f"signed by {known[key]}; {strength(body).words}")
