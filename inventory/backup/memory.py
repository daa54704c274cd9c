"""What earlier looks found: the newest verdict on each question, and when it was last seen to hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from inventory.backup.model import Backups

OPENS = "opens"  # the rule that tells which place a target was
NUMBERED, OF = ", number ", "; of "  # before the number of the repository there; before what was brought back from it
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
    """Subject and rule → the newest verdict; of several of one run the worst, as they count.

    A restore test that could not tell leaves one that failed standing: only a right one takes it away.
    """
    of_run: dict[tuple[str, str, str], Remembered] = {}
    for one in _ordered(found):
        before = of_run.get((one.run, one.subject, one.rule), one)
        worse = ORDER.index(before.worth) > ORDER.index(one.worth)
        of_run[one.run, one.subject, one.rule] = before if worse else one
    kept: dict[tuple[str, str], Remembered] = {}
    for one in of_run.values():
        before = kept.get((one.subject, one.rule), one)
        open_ = one.audit == TEST and one.verdict == "UNKNOWN" and before.verdict in ("FAIL", "ERROR")
        kept[one.subject, one.rule] = before if open_ else one
    return kept


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


def still(found: Iterable[Remembered], plan: Backups, met: Mapping[str, str] | None = None) -> list[Remembered]:
    """Those of places and jobs as ``backups.yaml`` has them now: what was proven of others proves nothing of these.

    ``met``: target → its place with the number of the repository that was met there now; else the last one counts.
    """
    rows = list(found)
    were = {(one.run, one.subject): one.because for one in rows if _open(one)}
    shut = {(one.run, one.subject) for one in rows if one.rule == OPENS} - were.keys()
    tests = {run for run, _ in were}
    last = places(rows) | dict(met or {})
    lies = {name: name for name in plan.targets} | {job.name: job.target for job in plan.jobs}
    holds = {job.name: job.holds for job in plan.jobs}

    def same(one: Remembered) -> bool:
        target = lies.get(one.subject, "")
        if target not in plan.targets:
            return True
        if told := were.get((one.run, target)):
            ours = plan.targets[target].place
            here = _place(told) == last[target] and (last[target] == ours or last[target].startswith(ours + NUMBERED))
            of = told.rpartition(OF)[2] if OF in told and one.audit == TEST else ""
            return here and of in ("", holds.get(one.subject, of))
        if one.audit == TEST:  # it tells one place alone
            return one.run not in tests
        return one.verdict != "PASS" or (one.run, target) not in shut

    return [one for one in rows if same(one)]


def places(found: Iterable[Remembered]) -> dict[str, str]:
    """Target → where it was when it was last open."""
    return {one.subject: _place(one.because) for one in found if _open(one)}


def _open(one: Remembered) -> bool:
    return one.rule == OPENS and one.verdict == "PASS" and not one.waived


def _place(told: str) -> str:
    return told.rpartition(OF)[0] or told


def _ordered(found: Iterable[Remembered]) -> list[Remembered]:
    """The oldest first; of one run the worst last, and what was waived counts as found wrong.

    Runs of the same moment stay in the order they come in.
    """
    rows = list(found)
    place = {run: number for number, run in enumerate(dict.fromkeys(one.run for one in rows))}
    return sorted(rows, key=lambda one: (one.at, place[one.run], ORDER.index("ERROR" if one.waived else one.verdict)))
