"""What an internal verifier looks at: some decisions drawn so that nobody can choose them, and how reviewers work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from evidence.review import Judged

QUICK = 0.5  # minutes a record, below which nobody can have read it


@dataclass(frozen=True)
class Habits:
    """How one reviewer works: ``accepted`` and ``asked`` are shares, ``minutes`` a record, 0 where not measured."""

    reviewer: str
    decisions: int
    accepted: float
    minutes: float
    asked: float
    remarks: tuple[str, ...]


def sample(decisions: Sequence[Judged], number: int, seed: str) -> list[Judged]:
    """So many decisions, the same for one seed: the head of a chain, which nobody chose."""
    drawn = sorted(decisions, key=lambda one: sha256(f"{seed}{one.document}{one.run}".encode()).digest())
    return sorted(drawn[:number], key=lambda one: one.at)


def habits(decisions: Sequence[Judged]) -> list[Habits]:
    """Each reviewer's habits, over all they decided."""
    people = dict.fromkeys(one.reviewer.person for one in decisions)
    return [_habits(person, [one for one in decisions if one.reviewer.person == person]) for person in people]


def _habits(person: str, mine: Sequence[Judged]) -> Habits:
    number = len(mine)
    accepted = sum(one.decision == "accepted" for one in mine) / number
    timed = [one.minutes for one in mine if one.minutes]
    minutes = sum(timed) / len(timed) if timed else 0.0
    asked = sum(bool(one.questions) or one.method != "desk" for one in mine) / number
    largest = max(sum(other.document == one.document for other in mine) for one in mine)
    remarks = []
    if timed and minutes < QUICK:
        remarks.append(f"{minutes * 60:.0f} seconds a record")
    if accepted == 1 and number >= 10:
        remarks.append("everything was accepted")
    if not asked and number >= 5:
        remarks.append("no question was ever asked")
    if largest >= 20:
        remarks.append(f"{largest} decisions under one signature")
    return Habits(person, number, accepted, minutes, asked, tuple(remarks))
