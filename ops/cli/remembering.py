"""What one's own evidence says of backups: every verdict of earlier audits, oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from evidence.event import Event
from evidence.ledger import Ledger
from inventory.backup.memory import Remembered

AUDITS = ("backups.check", "backups.restore", "backups.coverage")
MARKS = tuple(f'"source":"{name}"' for name in AUDITS)


def remembered(ledger: Ledger) -> list[Remembered]:
    """The verdicts on backups in the evidence of this person on this device; erased names are left out.

    None is of a moment after what was written later, or after now: the order of a ledger holds where a clock was ahead.
    """
    runs = [run for _, _, run, text in ledger.rows(ledger.chain) if any(mark in text for mark in MARKS)]
    latest, found = datetime.now(UTC), list[list[Remembered]]()
    for run in reversed(dict.fromkeys(runs)):
        for event in reversed(ledger.run(run)):
            latest = min(latest, datetime.fromisoformat(event.at).astimezone(UTC))
            if event.kind == "audited":
                found.append([_by(one, latest) for one in verdicts(event)])
    return [one for each in reversed(found) for one in each]


def _by(one: Remembered, latest: datetime) -> Remembered:
    return replace(one, at=min(one.at, latest), of=min(one.of, latest))


def verdicts(event: Event) -> Iterator[Remembered]:
    """What one audit found, each verdict with the moment it is of."""
    at = datetime.fromisoformat(event.at).astimezone(UTC)
    rows: list[Any] = list(event.private.get("findings", ()))
    moments = event.private.get("of", ())
    if len(moments) != len(rows):  # not told, or one of both was erased
        moments = [""] * len(rows)
    for (about, rule, verdict, because, subject), of in zip(rows, moments, strict=True):
        then = datetime.fromisoformat(of) if of else at
        yield Remembered(subject, about, rule, verdict, because, at, then, event.run, event.body["source"])
