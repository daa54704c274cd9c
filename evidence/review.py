"""What mentors decided about records: signed once a sitting, kept for good, never edited.

One sitting is one document, ``review/1``: who judged, whose records, from when to when, and for each record the
decision, the method, five criteria, the items it was accepted for, questions, and feedback. Feedback and answers
may name people, so the document carries salted commitments of them; the texts go where names may go.

Criteria: valid, authentic, current, sufficient, reliable, as assessors of vocational qualifications judge them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evidence.canonical import canonical, digest
from evidence.disclosure import conceal
from evidence.event import Event, now
from evidence.ledger import Document, Ledger
from evidence.policy import METHODS
from evidence.roles import REVIEW
from evidence.shape import (
    COMMITTED,
    COUNT,
    ITEM,
    KEY,
    PERSON,
    RUN,
    SHA256,
    TEXT,
    WORD,
    disclosed,
    misfit_of_text,
    moment,
    moment_or_none,
)
from evidence.sshsig import Signer
from evidence.strength import ANOTHER, Strength, strength
from ops.errors import InvalidRequest, Refused

SCHEMA = "review/1"
ACCOUNTS = (ANOTHER, "the same", "an unknown")  # through which the reviewer read a record's results again
DECISIONS = ("accepted", "referred-back", "rejected", "withdrawn")
CRITERIA = ("valid", "authentic", "current", "sufficient", "reliable")
JUDGED = frozenset({"met", "not met", "not judged"})
SHAPE = {
    "schema": frozenset({SCHEMA}),
    "id": RUN,
    "reviewer": {"id": PERSON, "key": KEY, "role": WORD},
    "apprentice": PERSON,
    "started": moment_or_none,
    "ended": moment,
    "reviews": [
        {
            "record": {"id": RUN, "sha256": SHA256},
            "decision": frozenset(DECISIONS),
            "items": [ITEM],
            "method": frozenset(METHODS),
            "criteria": dict.fromkeys(CRITERIA, JUDGED),
            "feedback": COMMITTED,
            "questions": [{"question": TEXT, "answer": COMMITTED, "judged": JUDGED}],
            "withdraws?": COMMITTED,
            "again?": {"still": COUNT, "account": frozenset(ACCOUNTS), "anchors": [TEXT]},
        }
    ],
}


@dataclass(frozen=True)
class Question:
    """What was asked about a record, the answer in short, and whether it was understood.

    ``judged`` is met, not met, or not judged.
    """

    text: str
    answer: str = ""
    judged: str = "not judged"


@dataclass(frozen=True)
class Decision:
    """What is decided about one record. ``items`` are full ids it was accepted for; ``withdraws`` a review's id.

    ``again`` is what the reviewer read again of it: how many results were still so, through which account, and the
    anchors of what was read.
    """

    run: str
    record: str
    decision: str
    items: tuple[str, ...] = ()
    method: str = "desk"
    criteria: Mapping[str, str] = field(default_factory=dict)
    feedback: str = ""
    questions: tuple[Question, ...] = ()
    withdraws: str = ""
    again: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Reviewer:
    """Who judges: person, key fingerprint, and role."""

    person: str
    key: str
    role: str


def check(decision: Decision, record: Mapping[str, Any], reviewer: Reviewer) -> None:
    """Raise ``Refused`` for one's own record, ``InvalidRequest`` for a decision that lacks something."""
    performer = record["performer"]
    if reviewer.key == performer["key"] or reviewer.person == performer["id"]:
        raise Refused("nobody judges their own record", hint="hand it to somebody else: ops evidence submit")
    if decision.decision not in DECISIONS or decision.method not in METHODS:
        raise InvalidRequest(f"{decision.decision} by {decision.method} is no decision", hint=", ".join(METHODS))
    if decision.decision != "accepted" and not decision.feedback.strip():
        raise InvalidRequest("without feedback nobody learns from it", hint="say what is missing: --feedback")
    if decision.decision != "accepted":
        return
    claimed = {f"{tag['framework']}:{tag['item']}" for tag in record["tags"]}
    if strange := sorted(set(decision.items) - claimed):
        hint = f"it counts toward {', '.join(sorted(claimed)) or 'nothing'}"
        raise InvalidRequest(f"the record does not count toward {strange[0]}", hint=hint)
    if unmet := [name for name in CRITERIA if decision.criteria.get(name) == "not met"]:
        raise InvalidRequest(f"it is not {' nor '.join(unmet)}, so it cannot be accepted", hint="refer it back")


def sign(
    ledger: Ledger, signer: Signer, reviewer: Reviewer, apprentice: str, decisions: Sequence[Decision], started: str
) -> Document:
    """Sign one sitting and keep it in the reviewer's own chain, feedback beside it."""
    ended, disclosed = now(), list[str]()
    sitting = digest(canonical([reviewer.key, started, ended, [one.record for one in decisions]]))[:8].upper()
    body = {
        "schema": SCHEMA,
        "id": sitting,
        "reviewer": {"id": reviewer.person, "key": reviewer.key, "role": reviewer.role},
        "apprentice": apprentice,
        "started": started,
        "ended": ended,
        "reviews": [_decided(one, disclosed) for one in decisions],
    }
    text = canonical(body).decode()
    document = Document(REVIEW, sitting, text, signer.sign(REVIEW, text.encode()))
    event = Event(sitting, "reviewed", ended, {"document": document.sha256}, {"texts": disclosed})
    ledger.append(event, documents=[document])
    return document


def _decided(one: Decision, disclosed: list[str]) -> dict[str, Any]:
    def hidden(name: str, text: str) -> str:
        if not text:
            return ""
        made = conceal(name, text)
        disclosed.append(made.text)
        return made.commit

    questions = [
        {"question": each.text, "answer": hidden("answer", each.answer), "judged": each.judged}
        for each in one.questions
    ]
    return {
        "record": {"id": one.run, "sha256": one.record},
        "decision": one.decision,
        "items": list(one.items),
        "method": one.method,
        "criteria": {name: one.criteria.get(name, "not judged") for name in CRITERIA},
        "feedback": hidden("feedback", one.feedback),
        "questions": questions,
        **({"withdraws": one.withdraws} if one.withdraws else {}),
        **({"again": dict(one.again)} if one.again else {}),
    }


@dataclass(frozen=True)
class Judged:
    """One decision as it was signed. ``sitting`` is the id of its document, ``document`` its SHA-256.

    ``feedback`` is None where only its commitment is held.
    """

    sitting: str
    document: str
    reviewer: Reviewer
    apprentice: str
    at: str
    run: str
    record: str
    decision: str
    items: tuple[str, ...]
    method: str
    criteria: Mapping[str, str]
    feedback: str | None
    questions: tuple[Question, ...]
    minutes: float
    again: Mapping[str, Any] | None = None

    def witnessed(self, record: str) -> Mapping[str, Any] | None:
        """What was read again, of a decision that accepts this very record, named by its SHA-256."""
        return self.again if self.decision == "accepted" and self.record == record else None


def strength_with(record: Mapping[str, Any], decision: Judged | None) -> Strength:
    """How strong a record is with what the decision that stands about it says of reading it again."""
    again = decision.witnessed(digest(canonical(dict(record)))) if decision and decision.again else None
    return strength(record, again)


def judged(documents: Iterable[Document], texts: Mapping[str, str]) -> Iterator[Judged]:
    """Every decision of these documents, oldest first. ``texts`` maps commitments to what was said.

    A document that has not the shape of one decides nothing.
    """
    for document in documents:
        if misfit_of_text(document.text, SHAPE):
            continue
        body = document.body
        who = Reviewer(body["reviewer"]["id"], body["reviewer"]["key"], body["reviewer"]["role"])
        minutes = _minutes(body["started"], body["ended"]) / max(1, len(body["reviews"]))
        for one in body["reviews"]:
            yield Judged(
                body["id"],
                document.sha256,
                who,
                body["apprentice"],
                body["ended"],
                one["record"]["id"],
                one["record"]["sha256"],
                one["decision"],
                tuple(one["items"]),
                one["method"],
                one["criteria"],
                texts.get(one["feedback"]) if one["feedback"] else "",
                tuple(Question(q["question"], texts.get(q["answer"], ""), q["judged"]) for q in one["questions"]),
                minutes,
                one.get("again"),
            )


def _minutes(started: str, ended: str) -> float:
    """How long a sitting took; 0 where decisions were signed one by one and nobody could measure it."""
    if not started:
        return 0.0
    from datetime import datetime

    return (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds() / 60


def texts_in(ledger: Ledger) -> dict[str, str]:
    """Commitment → text of all feedback and answers that are held and were not erased."""
    found: dict[str, str] = {}
    for document in ledger.documents(REVIEW):
        for event in ledger.run(document.run):
            for text in filter(disclosed, event.private.get("texts", ())):
                found[digest(text.encode())] = str(json.loads(text)[2])
    return found


def all_judged(ledger: Ledger) -> list[Judged]:
    """Every decision kept in a ledger."""
    return list(judged(ledger.documents(REVIEW), texts_in(ledger)))


def standing(decisions: Iterable[Judged]) -> dict[str, Judged]:
    """Run → the decision that stands: the last one, and none after a withdrawal."""
    found: dict[str, Judged] = {}
    for one in decisions:
        if one.decision == "withdrawn":
            found.pop(one.run, None)
        else:
            found[one.run] = one
    return found
