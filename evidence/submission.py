"""What an apprentice hands to a mentor: new events, the records they made, and what only the mentor may read.

The shape is ``submission/1``: ``events.jsonl`` (canonical texts in order), ``records.jsonl`` (each signed record
with its signature), ``checkpoint.txt`` with ``checkpoint.sig``, and, encrypted to the mentor's key, private values
and attachments. Without a mentor's key the private part is left out, and only pseudonyms leave.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from evidence import attachments, checkpoint, parcel, record
from evidence.event import BOOKKEEPING, Event, now
from evidence.export import check_record
from evidence.ledger import Document, Ledger
from evidence.received import Received, Taken
from evidence.roles import RECORD, SUBMISSION
from evidence.shape import ANYBODY, CHAIN, COUNT, PERSON, misfit_of_text, moment, sentence
from evidence.sshsig import Signer, fingerprint
from evidence.sshverify import verify
from ops.errors import EvidenceInvalid, InvalidRequest

SCHEMA = "submission/1"
MANY = 5_000  # events whose private values are in one encrypted part
PRIVATE, FILES = re.compile(r"private/[0-9]{4,8}\.age"), re.compile(r"attachments/([0-9a-f]{64})\.age")
SHAPE = {
    "schema": frozenset({SCHEMA}),
    "from": PERSON,
    "to": ANYBODY,
    "chain": CHAIN,
    "first": COUNT,
    "end": COUNT,
    "records": COUNT,
    "names": frozenset({"encrypted", "left out"}),
    "made": moment,
    "parts": dict.fromkeys(("events.jsonl", "records.jsonl", "checkpoint.txt", "checkpoint.sig"), dict),
}
AGAIN = "ask for the file again"


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
        "records.jsonl": map(parcel.line, _documents(ledger, runs)),
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


def opened(path: Path) -> AbstractContextManager[parcel.Parcel]:
    """Open one and check its signature and its manifest; raise as ``parcel.opened`` does."""
    return parcel.opened(path, SUBMISSION, SCHEMA, SHAPE)


def take_over(given: parcel.Parcel, held: Received, files: Path, private_key: bytes | None) -> Arrived:
    """Check everything in a submission and take it over into what is held of this person, or nothing of it.

    The signature of the manifest was checked on opening; whether its key is that person's is the caller's to know.
    ``private_key`` (OpenSSH, unencrypted) opens the private part; None leaves it closed.
    """
    manifest, key = given.manifest, fingerprint(given.public)
    if manifest["first"] > manifest["end"]:
        raise EvidenceInvalid("it ends before it begins", hint=AGAIN)
    documents = (_document(line, manifest["from"], key) for line in given.lines("records.jsonl"))
    point, signature = given.ascii("checkpoint.txt"), given.ascii("checkpoint.sig")
    kept: list[Path] = []

    def all_of_it() -> None:
        _true(given, held, point, signature)
        if private_key:
            _keep_files(given, files, private_key, kept)

    events, private = given.lines("events.jsonl"), _opened(given, private_key)
    try:
        taken = held.take(manifest["chain"], manifest["first"], events, documents, private, all_of_it)
    except BaseException:
        for one in kept:
            one.unlink(missing_ok=True)
        raise
    return Arrived(manifest["from"], key, taken, point, signature, manifest["names"])


def _true(given: parcel.Parcel, held: Received, point: str, signature: str) -> None:
    """The apprentice's own checkpoint must be signed by them and, as the manifest, be true of what came."""
    if verify(signature, checkpoint.NAMESPACE, point.encode()) != given.public:
        raise EvidenceInvalid("its checkpoint is signed by another key", hint=AGAIN)
    if broken := checkpoint.compare(held, checkpoint.read(point)):
        raise EvidenceInvalid(f"its checkpoint is not true: {broken[0].problem}", hint=AGAIN)
    if held.head(given.manifest["chain"]).size < given.manifest["end"]:
        raise EvidenceInvalid("events are missing in it", hint=AGAIN)


def _document(line: bytes, person: str, key: str) -> Document:
    """One record of this person, its shape and signature checked; raise ``EvidenceInvalid``."""
    one = parcel.document(line, RECORD)
    if wrong := misfit_of_text(one.text, record.SHAPE):
        raise EvidenceInvalid(f"record {one.run}: {sentence(wrong)}", hint=AGAIN)
    checked = check_record(one.run, one.text.encode(), one.signature, {key: person})
    if checked.verdict != "holds":
        raise EvidenceInvalid(f"record {one.run}: {checked.detail}", hint=AGAIN)
    if one.body["performer"]["id"] != person:
        raise EvidenceInvalid(f"record {one.run} is of {one.body['performer']['id']}, not of {person}", hint=AGAIN)
    return one


def _opened(given: parcel.Parcel, private_key: bytes | None) -> Iterator[bytes]:
    for name in filter(PRIVATE.fullmatch, given.names()) if private_key else ():
        yield from parcel.decrypted(given.content(name), private_key or b"").splitlines()


def _keep_files(given: parcel.Parcel, files: Path, private_key: bytes, kept: list[Path]) -> None:
    """Keep the attachments; ``kept`` grows by those that are new, so that they can be taken away again."""
    for found in filter(None, map(FILES.fullmatch, given.names())):
        if attachments.keep(parcel.decrypted(given.content(found[0]), private_key), files, found[1]):
            kept.append(files / found[1])
