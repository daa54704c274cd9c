"""The history of the register: one event a change, each hashed over the one before, so that a rewrite shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from json import JSONEncoder

from inventory.register.fields import Fields

START = "0" * 64
ENCODER = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True)
class Happened:
    """One change of one thing. ``before`` is None where it was entered, ``after`` where that was taken back.

    ``at`` is RFC 3339 in UTC; ``run`` is the run whose record has the evidence; ``why`` ticket and reason.
    """

    number: int
    ref: str
    at: str
    actor: str
    run: str
    why: str
    before: Fields | None
    after: Fields | None
    previous: str = START
    hash: str = ""


def sealed(event: Happened) -> str:
    """SHA-256 over everything in it and the hash of the one before; all values are text, so JSON is canonical."""
    body = [
        *(event.number, event.ref, event.at, event.actor, event.run, event.why),
        *(event.before, event.after, event.previous),
    ]
    return hashlib.sha256(text_of(body).encode()).hexdigest()


def text_of(value: object) -> str:
    """JSON with names in order and no blanks."""
    return ENCODER.encode(value)


def broken(events: Iterable[Happened]) -> str:
    """Where the chain does not hold, in words; empty if it holds."""
    last = START
    for number, event in enumerate(events, 1):
        if event.number != number:
            return f"event {number} is not there"
        if event.previous != last:
            return f"event {number} does not follow the one before"
        if sealed(event) != event.hash:
            return f"event {number} ({event.ref}) is not what was written"
        last = event.hash
    return ""
