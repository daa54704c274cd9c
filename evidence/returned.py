"""What a mentor hands back: reviews, sign-offs, and the cosigned checkpoint; feedback only for the apprentice's eyes.

The shape is ``return/1``: ``reviews.jsonl``, ``signoffs.jsonl``, ``checkpoint.txt`` with ``checkpoint.sig``, and
``private/texts.age``, encrypted to the apprentice's key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from evidence import parcel
from evidence.canonical import digest
from evidence.event import Event, now
from evidence.ledger import Document, Ledger
from evidence.roles import RETURN, REVIEW, SIGNOFF
from evidence.signers import Signers
from evidence.sshsig import Signer
from evidence.sshverify import verify
from ops.errors import EvidenceInvalid, InvalidRequest

SCHEMA = "return/1"
PARTS = {"reviews.jsonl": REVIEW, "signoffs.jsonl": SIGNOFF}
TEXTS = "private/texts.age"


@dataclass(frozen=True)
class Received:
    """What came back: how many new reviews and sign-offs, and the cosigned checkpoint (empty if none)."""

    mentor: str
    reviews: int
    signoffs: int
    checkpoint: str
    checkpoint_signature: str


def write(
    path: Path, ledger: Ledger, signer: Signer, mentor: str, to: str, keys: tuple[bytes, ...], cosigned: tuple[str, str]
) -> int:
    """Write everything decided about a person's records into a new file; return how many documents."""
    documents = {
        name: [one for one in ledger.documents(kind) if one.body["apprentice"] == to] for name, kind in PARTS.items()
    }
    if not any(documents.values()):
        raise InvalidRequest("nothing was decided about this person's records yet", hint="ops review next")
    wanted = {digest for one in documents["reviews.jsonl"] for digest in _commits(one.body)}
    texts = [text for text in _texts(ledger) if digest(text.encode()) in wanted]
    parts: dict[str, Iterable[bytes]] = {name: map(_line, some) for name, some in documents.items()}
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


def _line(one: Document) -> bytes:
    whole = {"run": one.run, "text": one.text, "signature": one.signature}
    return json.dumps(whole, ensure_ascii=False).encode() + b"\n"


def take_over(given: parcel.Parcel, ledger: Ledger, signers: Signers, private_key: bytes | None) -> Received:
    """Check every signature and keep what is new; raise ``EvidenceInvalid`` for what nobody entitled to has signed."""
    me = ledger.chain.partition("/")[0]
    if given.manifest["to"] != me:
        raise InvalidRequest(f"this is for {given.manifest['to']}, and you are {me}", hint="pass it on")
    mentor = signers.person(given.public, RETURN, datetime.fromisoformat(given.manifest["made"]))
    counts = {}
    for name, kind in PARTS.items():
        held = {one.sha256 for one in ledger.documents(kind)}
        new = [one for line in given.lines(name) if (one := _document(line, kind, me, signers)).sha256 not in held]
        texts = _private(given, private_key) if kind == REVIEW else []
        for one in new:
            mine = (
                [text for text in texts if digest(text.encode()) in set(_commits(one.body))] if kind == REVIEW else []
            )
            said = {"document": one.sha256, "from": mentor}
            ledger.append(Event(one.run, "received", now(), said, {"texts": mine} if mine else {}), documents=[one])
        counts[name] = len(new)
    point, signature = (given.content(f"checkpoint.{end}").decode() for end in ("txt", "sig"))
    return Received(mentor, counts["reviews.jsonl"], counts["signoffs.jsonl"], point, signature)


def _private(given: parcel.Parcel, private_key: bytes | None) -> list[str]:
    if private_key is None or not given.has(TEXTS):
        return []
    try:
        return [str(one) for one in json.loads(parcel.decrypted(given.content(TEXTS), private_key))]
    except (ValueError, TypeError) as error:
        raise EvidenceInvalid("the feedback in it cannot be read", hint="ask for the file again") from error


def _document(line: bytes, kind: str, me: str, signers: Signers) -> Document:
    """One signed decision about us, by somebody who was entitled to it then."""
    try:
        whole = json.loads(line)
        one = Document(kind, str(whole["run"]), str(whole["text"]), str(whole["signature"]))
        about, at = one.body["apprentice"], datetime.fromisoformat(one.body.get("ended") or one.body["at"])
        claimed = (one.body.get("reviewer") or one.body["signer"])["id"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EvidenceInvalid("a decision in it cannot be read", hint="ask for the file again") from error
    person = signers.person(verify(one.signature, kind, one.text.encode()), kind, at)
    if person != claimed or about != me:
        raise EvidenceInvalid("a decision in it is not by whom it says, or not about you", hint="ask for it again")
    return one
