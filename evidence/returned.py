"""What a mentor hands back: reviews, sign-offs, and the cosigned checkpoint; feedback only for the apprentice's eyes.

The shape is ``return/1``: ``reviews.jsonl``, ``signoffs.jsonl``, ``checkpoint.txt`` with ``checkpoint.sig``, and
``private/texts.age``, encrypted to the apprentice's key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from evidence import checkpoint, decisions, parcel
from evidence.canonical import digest
from evidence.event import Event, now
from evidence.ledger import Document, Ledger
from evidence.roles import CHECKPOINT, RETURN, REVIEW, SIGNOFF
from evidence.shape import PERSON, disclosed, misfit, moment, sentence
from evidence.signers import Signers
from evidence.sshsig import Signer
from evidence.sshverify import verify
from ops.errors import EvidenceInvalid, InvalidRequest

SCHEMA = "return/1"
PARTS = {"reviews.jsonl": REVIEW, "signoffs.jsonl": SIGNOFF}
TEXTS = "private/texts.age"
SHAPE = {
    "schema": frozenset({SCHEMA}),
    "from": PERSON,
    "to": PERSON,
    "made": moment,
    "parts": dict.fromkeys((*PARTS, "checkpoint.txt", "checkpoint.sig"), dict),
}


@dataclass(frozen=True)
class Received:
    """What came back: the reviews and sign-offs that are new, and the cosigned checkpoint (empty if none)."""

    mentor: str
    reviews: tuple[Document, ...]
    signoffs: tuple[Document, ...]
    checkpoint: str
    checkpoint_signature: str


def write(
    path: Path, ledger: Ledger, signer: Signer, mentor: str, to: str, keys: tuple[bytes, ...], cosigned: tuple[str, str]
) -> int:
    """Write everything decided about a person's records into a new file; return how many documents."""
    documents = {name: decisions.about(ledger, kind, to) for name, kind in PARTS.items()}
    if not any(documents.values()):
        raise InvalidRequest("nothing was decided about this person's records yet", hint="ops review next")
    wanted = {digest for one in documents["reviews.jsonl"] for digest in _commits(one.body)}
    texts = [text for text in _texts(ledger) if digest(text.encode()) in wanted]
    parts: dict[str, Iterable[bytes]] = {name: map(parcel.line, some) for name, some in documents.items()}
    parts |= {"checkpoint.txt": [cosigned[0].encode()], "checkpoint.sig": [cosigned[1].encode()]}
    parts |= {TEXTS: [parcel.encrypted(json.dumps(texts).encode(), keys)]} if keys else {}
    head = {"schema": SCHEMA, "from": mentor, "to": to, "made": now()}
    parcel.write(path, RETURN, head, parts, signer)
    return sum(map(len, documents.values()))


def _commits(body: dict[str, Any]) -> Iterable[str]:
    for one in body["reviews"]:
        yield one["feedback"]
        yield from (question["answer"] for question in one["questions"])


def _texts(ledger: Ledger) -> Iterable[str]:
    for document in ledger.documents(REVIEW):
        for event in ledger.run(document.run):
            yield from event.private.get("texts", ())


def opened(path: Path) -> AbstractContextManager[parcel.Parcel]:
    """Open one and check its signature and its manifest; raise as ``parcel.opened`` does."""
    return parcel.opened(path, RETURN, SCHEMA, SHAPE)


def take_over(given: parcel.Parcel, ledger: Ledger, signers: Signers, private_key: bytes | None) -> Received:
    """Check every signature, then keep what is new, all of it or nothing.

    Raise ``EvidenceInvalid`` for what nobody entitled to has signed, or what is no decision.
    """
    me, manifest = ledger.chain.partition("/")[0], given.manifest
    if manifest["to"] != me:
        raise InvalidRequest(f"this is for {manifest['to']}, and you are {me}", hint="pass it on")
    at = datetime.fromisoformat(manifest["made"])
    mentor = signers.person(given.public, RETURN, at)
    if mentor != manifest["from"] or mentor == me:
        raise EvidenceInvalid(f"it says it is from {manifest['from']}, and is signed by {mentor}", hint="ask them")
    came = {kind: [_document(line, kind, me, signers) for line in given.lines(name)] for name, kind in PARTS.items()}
    point, signature = given.ascii("checkpoint.txt"), given.ascii("checkpoint.sig")
    if point:
        _vouched(point, signature, signers, mentor, at)
    new = {kind: [one for one in documents if not ledger.has_document(one.sha256)] for kind, documents in came.items()}
    documents = [one for some in new.values() for one in {one.sha256: one for one in some}.values()]
    if documents:
        texts = {digest(text.encode()): text for text in _private(given, private_key)}
        ledger.append(*(_event(one, mentor, texts) for one in documents), documents=documents)
    return Received(mentor, tuple(one for one in documents if one.kind == REVIEW),
                    tuple(one for one in documents if one.kind == SIGNOFF), point, signature)  # fmt: skip


def _event(one: Document, mentor: str, texts: Mapping[str, str]) -> Event:
    """That a decision came, with what was said in it to us alone."""
    mine = [texts[commit] for commit in _commits(one.body) if commit in texts] if one.kind == REVIEW else []
    said = {"document": one.sha256, "from": mentor}
    return Event(one.run, "received", now(), said, {"texts": mine} if mine else {})


def _vouched(point: str, signature: str, signers: Signers, mentor: str, at: datetime) -> None:
    """The checkpoint must be one, and signed by the mentor whose return it is."""
    checkpoint.read(point)
    found = signers.person(verify(signature, CHECKPOINT, point.encode()), CHECKPOINT, at)
    if found != mentor:
        raise EvidenceInvalid(f"its checkpoint is signed by {found}, not by {mentor}", hint="ask your mentor")


def _private(given: parcel.Parcel, private_key: bytes | None) -> list[str]:
    """What was said to us alone."""
    if private_key is None or not given.has(TEXTS):
        return []
    try:
        found = json.loads(parcel.decrypted(given.content(TEXTS), private_key))
    except (ValueError, RecursionError):
        found = None
    if misfit(found, [disclosed]):
        raise EvidenceInvalid("the feedback in it cannot be read", hint="ask for the file again")
    return list(found)


def _document(line: bytes, kind: str, me: str, signers: Signers) -> Document:
    """One signed decision about us, by somebody who was entitled to it then."""
    one = parcel.document(line, kind)
    if wrong := decisions.misfit(one):
        raise EvidenceInvalid(f"decision {one.run}: {sentence(wrong)}", hint="ask for the file again")
    body = one.body
    at = datetime.fromisoformat(body["ended"] if kind == REVIEW else body["at"])
    claimed = (body["reviewer"] if kind == REVIEW else body["signer"])["id"]
    person = signers.person(verify(one.signature, kind, one.text.encode()), kind, at)
    if person != claimed or body["apprentice"] != me:
        raise EvidenceInvalid("a decision in it is not by whom it says, or not about you", hint="ask for it again")
    return one
