"""What earlier looks found: the newest verdict on each question, and when it was last seen to hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from inventory.backup.model import Backups

OPENS = "opens"  # the rule that tells which place a target was
ORDER = ("PASS", "WARN", "UNKNOWN", "ERROR", "FAIL")
WAIVED = "waived until "  # what begins so was found wrong, and somebody answers for it; nothing was proven
TESTED = ("restore", "rto", "database")  # what only bringing something back proves
TEST = "backups.restore"


@dataclass(frozen=True)
class Remembered:
    """One verdict of an earlier run. ``of`` is the moment it is of, which is earlier where it was remembered itself."""

    subject: str
    about: str
    rule: str
    verdict: str
    because: str
    at: datetime
    of: datetime
    run: str
    audit: str

    @property
    def seen(self) -> bool:
        """Whether this run saw it itself: what only a restore test proves is told again by other audits."""
        told_again = self.rule in TESTED and self.audit != TEST
        return not told_again and not self.waived

    @property
    def waived(self) -> bool:
        """Whether it was found wrong, and somebody answers for it."""
        return self.because.startswith(WAIVED)

    @property
    def worth(self) -> str:
        """The verdict as it counts: what was waived is a warning, however bad it is."""
        return "WARN" if self.waived else self.verdict


Newest = Mapping[tuple[str, str], Remembered]


def newest(found: Iterable[Remembered]) -> Newest:
    """Subject and rule → the newest verdict; of several of one run the worst."""
    return {(one.subject, one.rule): one for one in _ordered(found)}


def proven(found: Iterable[Remembered]) -> Mapping[str, Mapping[str, datetime]]:
    """Subject → rule → when it was last seen to hold. What was found wrong since is not proven any more."""
    held: dict[str, dict[str, datetime]] = {}
    for one in {(one.run, one.subject, one.rule): one for one in _ordered(found)}.values():
        of = held.setdefault(one.subject, {})
        if one.verdict == "PASS" and one.seen:
            of[one.rule] = max(one.of, of.get(one.rule, one.of))
        elif one.verdict in ("FAIL", "ERROR") or one.waived:
            of.pop(one.rule, None)
    return held


def still(found: Iterable[Remembered], plan: Backups) -> list[Remembered]:
    """Those of places as ``backups.yaml`` has them now: what was proven of another place proves nothing of this one."""
    rows = list(found)
    doors = [one for one in rows if one.rule == OPENS]
    were = {(one.run, one.subject): one.because for one in doors if one.verdict == "PASS" and not one.waived}
    shut = {(one.run, one.subject) for one in doors} - were.keys()
    tests = {run for run, _ in were}
    lies = {name: name for name in plan.targets} | {job.name: job.target for job in plan.jobs}

    def same(one: Remembered) -> bool:
        target = lies.get(one.subject, "")
        if target not in plan.targets:
            return True
        if place := were.get((one.run, target)):
            return place == plan.targets[target].place
        if one.audit == TEST:  # it tells one place alone
            return one.run not in tests
        return one.verdict != "PASS" or (one.run, target) not in shut

    return [one for one in rows if same(one)]


def _ordered(found: Iterable[Remembered]) -> list[Remembered]:
    """The oldest first; of one run the worst last, and what was waived counts as found wrong."""
    return sorted(found, key=lambda one: (one.at, one.run, ORDER.index("ERROR" if one.waived else one.verdict)))
