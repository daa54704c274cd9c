"""Cases over time: today's merged with those kept before, so that a case has one life from first seen to gone.

A case is gone when today's rules no longer find it **and** every source it rests on has looked at its networks again;
until then it stays open, with what was not looked at. A decision holds until its last day; after that, or when the
case became worse than what was decided on, it is open again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from inventory.estate.case import DUE, SEVERITIES, WORDS, Case
from inventory.estate.coverage import Coverage
from ops.errors import InvalidRequest

NEW, OPEN, DECIDED, GONE = "new", "open", "decided", "gone"
STATES = (NEW, OPEN, DECIDED, GONE)


@dataclass(frozen=True)
class Decision:
    """Who decided what on a case, and why. ``until`` is its last day; without one, it holds while the case does."""

    owner: str
    decision: str
    decided_on: date
    until: date | None = None
    severity: str = ""  # of the case when it was decided on
    word: str = ""

    def holds(self, case: Case, today: date) -> bool:
        """Whether it still answers the case: its time has not passed and the case is no worse than it was."""
        if self.until is not None and self.until < today:
            return False
        worse = SEVERITIES.index(case.severity) < SEVERITIES.index(self.severity or SEVERITIES[0])
        return not worse and not (case.word == "FAIL" and WORDS.index(self.word or "FAIL") > 0)


@dataclass(frozen=True)
class Kept:
    """A case as it is kept: its last form, its state, and when it was first and last found."""

    case: Case
    state: str
    first_seen: datetime
    last_seen: datetime
    decision: Decision | None = None

    def overdue(self, today: date) -> bool:
        """Whether somebody should have acted by now."""
        return self.state in (NEW, OPEN) and self.case.due < today


def merge(before: Iterable[Kept], today: Iterable[Case], coverage: Coverage) -> Sequence[Kept]:
    """The cases to keep, worst first; ``coverage`` tells whether what is no longer found was looked for."""
    old = {kept.case.id: kept for kept in before}
    found = {case.id: case for case in today}
    merged = [_found(old.get(name), case, coverage.at) for name, case in found.items()]
    merged += [_not_found(kept, coverage) for name, kept in old.items() if name not in found]
    return sorted(merged, key=lambda kept: (STATES.index(kept.state) == 3, kept.case.order))


def decide(kept: Kept, owner: str, decision: str, today: date, until: date | None = None) -> Kept:
    """The case with a decision; raise ``InvalidRequest`` if nobody owns it, it says nothing, or its time is over."""
    if kept.state == GONE:
        raise InvalidRequest("this case is gone", hint="there is nothing to decide on; see the open ones")
    if not owner.strip() or not decision.strip():
        raise InvalidRequest("a decision needs an owner and a reason", hint="say who decided, and what")
    if until is not None and until < today:
        raise InvalidRequest(f"{until} is past", hint="give a day from today on")
    made = Decision(owner, decision, today, until, kept.case.severity, kept.case.word)
    return replace(kept, state=DECIDED, decision=made)


def _found(old: Kept | None, case: Case, at: datetime) -> Kept:
    if old is None:
        return Kept(case, NEW, at, at)
    holds = old.decision is not None and old.decision.holds(case, at.date())
    if holds:
        return replace(old, case=replace(case, due=old.case.due), state=DECIDED, last_seen=at)
    runs_on = old.state in (NEW, OPEN)  # else it is open again, and the time to act begins anew
    due = old.case.due if runs_on else at.date() + DUE
    state = NEW if old.state == NEW and old.first_seen == at else OPEN
    return replace(old, case=replace(case, due=due), state=state, last_seen=at)


def _not_found(kept: Kept, coverage: Coverage) -> Kept:
    if kept.state == GONE:
        return kept
    gaps = coverage.gaps(kept.case.sources, kept.case.networks)
    if not gaps:
        return replace(kept, state=GONE)
    case = replace(kept.case, not_looked_at=gaps)
    if kept.decision is not None and kept.decision.holds(case, coverage.at.date()):
        return replace(kept, case=case, state=DECIDED)
    due = case.due if kept.state in (NEW, OPEN) else coverage.at.date() + DUE
    return replace(kept, case=replace(case, due=due), state=OPEN)
