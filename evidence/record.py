"""Sealing: the events of one run folded into one signed record, shape ``evidence/1``.

Pseudonymous first: people, hosts and serials appear as ``t1`` with a salted commitment; their names stay in
the private part. Record and ``sealed`` event are one commit. Refused, failed, interrupted, dry and no-change
runs are records as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from evidence.canonical import canonical, digest
from evidence.event import Event, now
from evidence.framework import Tag
from evidence.ledger import Document, Ledger
from evidence.shape import CHAIN, COUNT, KEY, PERSON, RUN, SHA256, TEXT, WORD, moment
from evidence.sshsig import Signer
from evidence.strength import strength

NAMESPACE = "evidence-record-v1"
SCHEMA = "evidence/1"
DONE = ("changed", "confirmed")
ENDS = ("verified", "failed", "refused", "interrupted", "audited", "stated")
HIDDEN = ("ticket", "reason")
NOT_STATED = "not stated"
MACHINE = ("none", "drafted", "other", NOT_STATED)  # what wrote the words
SHAPE = {  # what readers rely on
    "schema": frozenset({SCHEMA}),
    "id": RUN,
    "kind": WORD,
    "chain": {"id": CHAIN, "first": COUNT, "last": COUNT, "head": SHA256, "count": COUNT},
    "performer": {"id": PERSON, "key": KEY, "session": {"actor": TEXT}},
    "when": {"start": moment, "end": moment, "duration_ms": COUNT},
    "tool": {"modified": bool},
    "env": {
        "class": frozenset({"LAB", "STAGING", "PRODUCTION"}),
        "id": TEXT,
        "basis": WORD,
        "anchors": [TEXT],
        "matched": bool,
        "planted_faults?": [TEXT],
    },
    "op": {"dry_run": bool, "source?": TEXT, "title?": TEXT, "approved_by?": TEXT, "not_done?": [TEXT]},
    "steps": [{"n": COUNT, "target": WORD, "operation": TEXT, "result": WORD, "attributes?": [TEXT]}],
    "outcome": {"status": WORD, "changed": COUNT, "read_back": COUNT},
    "tags": [{"framework": WORD, "item": WORD, "label": TEXT, "rationale": TEXT, "covers": WORD}],
    "strength": {"machine": WORD, "caps": [TEXT]},
    "answers?": [{"question": WORD, "by": WORD, "sha256?": SHA256, "media?": TEXT, "bytes?": COUNT}],
    "help?": {"assisted": lambda said: isinstance(said, bool) or said == NOT_STATED, "ai_assist": frozenset(MACHINE)},
    "refs?": [{"id": RUN}],
}
JOURNAL = {
    "journal/reflect": "reflection",
    "journal/witness": "witness",
    "journal/discuss": "discussion",
    "journal/cpd": "cpd",
    "journal/hours": "timesheet",
}


@dataclass(frozen=True)
class Context:
    """What the events do not say: who, where and with what. ``account`` is what the directory saw."""

    performer: str
    key: str
    os_user: str
    elevated: bool
    account: str
    actor_confirmed: bool
    environment: str
    environment_id: str
    anchors: tuple[str, ...]
    matched: bool
    tool_version: str
    modified: bool = False
    signed: bool = False
    tags: tuple[Tag, ...] = ()
    role: str = "person"
    planted: tuple[str, ...] = ()  # faults of a practice network that were planted at the time


def seal(ledger: Ledger, run: str, signer: Signer, context: Context) -> Document:
    """Sign the record of a run and keep it; the private names of who ran it go beside it, not into it."""
    events = ledger.run(run)
    text = canonical(fold(ledger, events, context)).decode()
    document = Document(NAMESPACE, run, text, signer.sign(NAMESPACE, text.encode()))
    private = {"os_user": context.os_user, "account": context.account}
    ledger.append(Event(run, "sealed", now(), {"record": document.sha256}, private), documents=[document])
    return document


def loose_ends(ledger: Ledger, altered: Set[str]) -> list[str]:
    """Where chain and records do not meet, in words; runs whose record is known to be altered are left out."""
    gone = [run for sha256, run in _seals(ledger) if run not in altered and not ledger.has_document(sha256)]
    kept = [one for one in ledger.each(NAMESPACE) if one.run not in altered and _loose(ledger, one)]
    unsealed = [one.run for one in kept if not _sealed(ledger, one)]
    without = [one.run for one in kept if not ledger.has_event(one.body["chain"]["head"])]
    return [
        *(f"record {run}: it was sealed, and is not there" for run in gone),
        *(f"record {run}: nothing says it was sealed" for run in unsealed),
        *(f"record {run}: its events are not in the chain" for run in without),
    ]


def _seals(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """The hash of every record that was sealed, with its run, as far as its event is whole."""
    for chain in ledger.chains():
        for _, hashed, run, text in ledger.rows(chain):
            if '"kind":"sealed"' in text and digest(text.encode()) == hashed:
                yield str(json.loads(text)["body"].get("record")), run


def _loose(ledger: Ledger, one: Document) -> bool:
    return not _sealed(ledger, one) or not ledger.has_event(one.body["chain"]["head"])


def _sealed(ledger: Ledger, one: Document) -> bool:
    """Whether the chain says that this record was sealed."""
    return any(f'"record":"{one.sha256}"' in text for text in ledger.whole_texts(one.run, "sealed"))


def fold(ledger: Ledger, events: Sequence[Event], context: Context) -> dict[str, Any]:
    """The body of the record."""
    first, last = events[0], events[-1]
    opened: Mapping[str, Any] = next((e.body for e in events if e.kind == "planned"), first.body)
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "id": first.run,
        "kind": _kind(first, events),
        "chain": _chain(ledger, first.run),
        "performer": _performer(context),
        "when": {"start": first.at, "end": last.at, "duration_ms": _milliseconds(first.at, last.at)},
        "tool": {"name": "journeyman", "version": context.tool_version, "modified": context.modified},
        "env": _environment(context),
        "why": {name: _given(events, name) for name in HIDDEN},
        "op": _operation(opened),
        "steps": _steps(opened, events),
        "outcome": _outcome(opened, events),
        "tags": [asdict(tag) for tag in context.tags] if _counts(opened, events, context) else [],
        "privacy": {"persons": len({step["target"] for step in opened.get("steps", ())})},
    }
    body |= _statement(events)
    graded = strength(body)
    machine = {"machine": graded.machine, "reasons": list(graded.reasons), "caps": list(graded.caps)}
    return body | {"strength": machine}


def follows(body: Mapping[str, Any], events: Sequence[Event]) -> bool:
    """Whether what a record says was planned, and what came of it, is what these events say."""
    opened: Mapping[str, Any] = next((event.body for event in events if event.kind == "planned"), {})
    told = {"op": _operation(opened), "steps": _steps(opened, events), "outcome": _outcome(opened, events)}
    return told.items() <= body.items()


def _kind(first: Event, events: Sequence[Event]) -> str:
    """What kind of record it is; those of the journal are told apart, for an export may leave some out."""
    if any(event.kind == "audited" for event in events):
        return "audit"
    if first.kind != "asked" or any(event.kind == "planned" for event in events):
        return "operation"
    return JOURNAL.get(str(first.body["source"]), "statement")


def _statement(events: Sequence[Event]) -> dict[str, Any]:
    """What a person stated: which questions were answered by whom, with which attachments, and with what help."""
    answers = [dict(event.body) for event in events if event.kind == "answered"]
    asked = next((event.body for event in events if event.kind == "asked"), {})
    told = next((event.body for event in events if event.kind == "stated" and "ai" in event.body), {})
    if not asked:
        return {}
    help_ = {"assisted": _assisted(told), "ai_assist": str(told.get("ai", NOT_STATED))}
    refs = [dict(asked["about"])] if "about" in asked else []
    return {"asked": len(asked["questions"]), "answers": answers, "help": help_, "refs": refs}


def _assisted(told: Mapping[str, Any]) -> bool | str:
    """Whether somebody helped, as far as anybody said."""
    said = told.get("helped", NOT_STATED)
    return said if isinstance(said, bool) else {"somebody": True, "nobody": False}.get(str(said), NOT_STATED)


def _performer(context: Context) -> dict[str, Any]:
    """Who it was; the role only where it is not a person's."""
    role = {} if context.role == "person" else {"role": context.role}
    return {"id": context.performer, "key": context.key, "session": _session(context)} | role


def _counts(opened: Mapping[str, Any], events: Sequence[Event], context: Context) -> bool:
    """Whether a run counts toward anything: work a person did or found done, not what was refused or taken back."""
    if context.role != "person":
        return False
    if any(event.kind == "stated" and "for" in event.body for event in events):
        return True
    return _status(opened, events) in ("completed", "already so", "audited") and not opened.get("undoes")


def _chain(ledger: Ledger, run: str) -> dict[str, Any]:
    rows = ledger.places(run)
    return {"id": ledger.chain, "first": rows[0][0], "last": rows[-1][0], "head": rows[-1][1], "count": len(rows)}


def _session(context: Context) -> dict[str, Any]:
    how = "confirmed by the directory" if context.actor_confirmed else "not confirmed by the directory"
    return {"elevated": context.elevated, "actor": how if context.account else "no directory was spoken to"}


def _environment(context: Context) -> dict[str, Any]:
    basis = "signed" if context.signed else "inventory"
    named = {"class": context.environment, "id": context.environment_id, "basis": basis}
    planted = {"planted_faults": list(context.planted)} if context.planted else {}
    return named | {"anchors": list(context.anchors), "matched": context.matched} | planted


def _given(events: Iterable[Event], name: str) -> bool:
    """Whether a ticket or reason was given; its text is private."""
    return any(name in event.private for event in events)


def _operation(opened: Mapping[str, Any]) -> dict[str, Any]:
    names = ("source", "title", "plan", "operations", "not_done", "undoes", "approved_by", "planted")
    return {name: opened[name] for name in names if name in opened} | {"dry_run": bool(opened.get("dry_run"))}


def _steps(opened: Mapping[str, Any], events: Sequence[Event]) -> list[dict[str, Any]]:
    results = {e.body["item"]: e.body["result"] for e in events if e.kind == "outcome"}
    begun = {e.body["item"] for e in events if e.kind == "intent"}
    proofs = {e.body["item"]: {"proof": e.body["proof"]} for e in events if e.kind == "outcome" and "proof" in e.body}
    return [
        {
            **step,
            **proofs.get(step["n"], {}),
            "result": results.get(step["n"], "unknown" if step["n"] in begun else "not started"),
        }
        for step in opened.get("steps", ())
    ]


def _outcome(opened: Mapping[str, Any], events: Sequence[Event]) -> dict[str, Any]:
    results = {e.body["item"]: e.body["result"] for e in events if e.kind == "outcome"}.values()  # the last of each
    changed = sum(result in DONE for result in results)
    status = _status(opened, events)
    read_back = changed if status == "completed" else 0
    return {"status": status, "changed": changed, "failed": len(results) - changed, "read_back": read_back}


def _status(opened: Mapping[str, Any], events: Sequence[Event]) -> str:
    last = next((e.kind for e in reversed(events) if e.kind in (*ENDS, "intent", "outcome")), "")
    if opened.get("dry_run"):
        return "dry run"
    if last not in ENDS:
        return "unknown"
    if last == "verified":
        return "completed" if opened.get("steps") else "already so"
    return last


def _milliseconds(start: str, end: str) -> int:
    """How long by the wall clock; a clock that was set back in between makes it 0, the order is that of the chain."""
    return max(0, round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000))
