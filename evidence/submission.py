"""What an apprentice hands to a mentor: new events, the records they made, and what only the mentor may read.

The shape is ``submission/1``: ``events.jsonl`` (canonical texts in order), ``records.jsonl`` (each signed record
with its signature), ``checkpoint.txt`` with ``checkpoint.sig``, and, encrypted to the mentor's key, private values
and attachments. Without a mentor's key the private part is left out, and only pseudonyms leave.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence import attachments, checkpoint, parcel
from evidence.event import BOOKKEEPING, Event, now
from evidence.export import check_record
from evidence.ledger import Document, Ledger
from evidence.received import Received, Taken
from evidence.roles import RECORD, SUBMISSION
from evidence.sshsig import Signer, fingerprint
from ops.errors import EvidenceInvalid, InvalidRequest

SCHEMA = "submission/1"
MANY = 5_000  # events whose private values are in one encrypted part


@dataclass(frozen=True)
class Recipient:
    """Who a file is for: a person with SSH public keys (OpenSSH blobs), or nobody in particular."""

    person: str = ""
    keys: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Submitted:
    """What was written: events from ``first`` to before ``end`` of a chain, and how many records and files."""

    chain: str
    first: int
    end: int
    records: int
    attachments: int


def last_sent(ledger: Ledger, to: str) -> int:
    """Up to which event of our chain this recipient was sent everything; 0 for nothing yet."""
    sent = (one.body for one in ledger.documents(SUBMISSION))
    return max((one["end"] for one in sent if one["to"] == to and one["chain"] == ledger.chain), default=0)


def write(
    path: Path, ledger: Ledger, files: Path, signer: Signer, to: Recipient, since: int | None = None
) -> Submitted:
    """Write what is new since ``since`` (an event's place; None: since the last time) into a new file.

    ``files`` is the folder of attachments. The ledger notes what was handed over, once it is.
    """
    first = last_sent(ledger, to.person) if since is None else since
    end = ledger.head().size
    if since is None and not _work(ledger, first):
        raise InvalidRequest("there is nothing new to hand over", hint="--since 0 hands over everything again")
    if not first < end:
        raise InvalidRequest(f"there is no event {first} yet", hint=f"your chain has {end}: 0 to {end - 1}")
    runs = _runs(ledger, first, end)
    attached = sorted({digest for one in _documents(ledger, runs) for digest in _attached(one)}) if to.keys else []
    point = checkpoint.made([(ledger.chain, ledger.head())])
    parts: dict[str, Iterable[bytes]] = {
        "events.jsonl": (f"{row[3]}\n".encode() for row in ledger.rows(ledger.chain, first) if row[0] < end),
        "records.jsonl": map(_document_line, _documents(ledger, runs)),
        "checkpoint.txt": [point.encode()],
        "checkpoint.sig": [signer.sign(checkpoint.NAMESPACE, point.encode()).encode()],
    }
    head = {
        "schema": SCHEMA,
        "from": ledger.chain.partition("/")[0],
        "to": to.person,
        "chain": ledger.chain,
        "first": first,
        "end": end,
        "records": len(runs),
        "names": "encrypted" if to.keys else "left out",
        "made": now(),
    }
    private = _private(ledger, files, to, range(first, end), attached) if to.keys else {}
    text = parcel.write(path, SUBMISSION, head, parts | private, signer)
    _note(ledger, text, signer, to)
    return Submitted(ledger.chain, first, end, len(runs), len(attached))


def _work(ledger: Ledger, first: int) -> bool:
    """Whether anything but bookkeeping happened since."""
    notes = tuple(f'"kind":"{kind}"' for kind in BOOKKEEPING)
    return any(not any(note in row[3] for note in notes) for row in ledger.rows(ledger.chain, first))


def _runs(ledger: Ledger, first: int, end: int) -> list[str]:
    """Runs whose record was sealed in this part of the chain."""
    rows = ledger.rows(ledger.chain, first)
    return list(dict.fromkeys(run for seq, _, run, text in rows if seq < end and '"kind":"sealed"' in text))


def _documents(ledger: Ledger, runs: Iterable[str]) -> Iterator[Document]:
    return (found for run in runs if (found := ledger.document(run, RECORD)))


def _attached(document: Document) -> Iterator[str]:
    for answer in document.body.get("answers", ()):
        if "sha256" in answer:
            yield answer["sha256"]


def _document_line(one: Document) -> bytes:
    whole = {"run": one.run, "text": one.text, "signature": one.signature}
    return json.dumps(whole, ensure_ascii=False).encode() + b"\n"


def _private(
    ledger: Ledger, files: Path, to: Recipient, events: range, attached: Sequence[str]
) -> dict[str, Iterable[bytes]]:
    """The encrypted parts by name; each is made when it is written, so that none needs much memory."""
    pieces = [events[at : at + MANY] for at in range(0, len(events), MANY)]
    names = {f"private/{n:04}.age": _sealed_values(ledger, piece, to) for n, piece in enumerate(pieces)}
    return {**names, **{f"attachments/{one}.age": _sealed_file(files, one, to) for one in attached}}


def _sealed_values(ledger: Ledger, events: range, to: Recipient) -> Iterator[bytes]:
    values = ledger.private_texts(events.start, events.stop)
    lines = (json.dumps({"seq": seq, "text": text}, ensure_ascii=False).encode() + b"\n" for seq, text in values)
    yield parcel.encrypted(b"".join(lines), to.keys)


def _sealed_file(files: Path, digest: str, to: Recipient) -> Iterator[bytes]:
    yield parcel.encrypted(attachments.read(files, digest), to.keys)


def _note(ledger: Ledger, manifest: str, signer: Signer, to: Recipient) -> None:
    """Keep the manifest, and say in the chain that it was handed over."""
    body = json.loads(manifest)
    signature = signer.sign(SUBMISSION, manifest.encode())
    document = Document(SUBMISSION, f"to:{to.person or 'anybody'}", manifest, signature)
    said = {"to": to.person, "first": body["first"], "end": body["end"], "manifest": document.sha256}
    ledger.append(Event(document.sha256[:8].upper(), "submitted", now(), said), documents=[document])


@dataclass(frozen=True)
class Arrived:
    """What an import came to: whose it is, the key that signed it, what was added, and the checkpoint in it."""

    person: str
    key: str
    taken: Taken
    checkpoint: str
    checkpoint_signature: str
    names: str


def take_over(given: parcel.Parcel, held: Received, files: Path, private_key: bytes | None) -> Arrived:
    """Check everything in a submission and take it over into what is held of this person, or nothing of it.

    The signature of the manifest was checked on opening; whether its key is that person's is the caller's to know.
    ``private_key`` (OpenSSH, unencrypted) opens the private part; None leaves it closed.
    """
    manifest, key = given.manifest, fingerprint(given.public)
    documents = (_document(line, {key: manifest["from"]}) for line in given.lines("records.jsonl"))
    private = _opened(given, private_key)
    taken = held.take(manifest["chain"], manifest["first"], given.lines("events.jsonl"), documents, private)
    if private_key:
        _keep_files(given, files, private_key)
    point, signature = (given.content(f"checkpoint.{end}").decode() for end in ("txt", "sig"))
    return Arrived(manifest["from"], key, taken, point, signature, manifest["names"])


def _document(line: bytes, known: dict[str, str]) -> Document:
    """One record, its signature checked; raise ``EvidenceInvalid``."""
    try:
        whole: dict[str, Any] = json.loads(line)
        one = Document(RECORD, str(whole["run"]), str(whole["text"]), str(whole["signature"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EvidenceInvalid("a record in it cannot be read", hint="ask for the file again") from error
    checked = check_record(one.run, one.text.encode(), one.signature, known)
    if checked.verdict != "holds":
        raise EvidenceInvalid(f"record {one.run}: {checked.detail}", hint="ask for the file again")
    return one


def _opened(given: parcel.Parcel, private_key: bytes | None) -> Iterator[bytes]:
    for name in given.names("private/") if private_key else ():
        yield from parcel.decrypted(given.content(name), private_key or b"").splitlines()


def _keep_files(given: parcel.Parcel, files: Path, private_key: bytes) -> None:
    for name in given.names("attachments/"):
        wanted = name.removeprefix("attachments/").removesuffix(".age")
        attachments.keep(parcel.decrypted(given.content(name), private_key), files, wanted)
