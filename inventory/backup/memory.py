"""What earlier looks found: the newest verdict on each question, and when it was last seen to hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

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
        return not told_again and not self.because.startswith(WAIVED)


Newest = Mapping[tuple[str, str], Remembered]


def newest(found: Iterable[Remembered]) -> Newest:
    """Subject and rule → the newest verdict; of several of one run the worst."""
    last: dict[tuple[str, str], Remembered] = {}
    for one in _by_time(found):
        last[one.subject, one.rule] = one
    return last


def proven(found: Iterable[Remembered]) -> Mapping[str, Mapping[str, datetime]]:
    """Subject → rule → when it was last seen to hold. What was found wrong since is not proven any more."""
    ordered = _by_time(found)
    worst = {(one.run, one.subject, one.rule): one.verdict for one in ordered}
    held: dict[str, dict[str, datetime]] = {}
    for one in ordered:
        of = held.setdefault(one.subject, {})
        if worst[one.run, one.subject, one.rule] == "PASS" and one.seen:
            of[one.rule] = max(one.of, of.get(one.rule, one.of))
        elif one.verdict in ("FAIL", "ERROR") or one.because.startswith(WAIVED):
            of.pop(one.rule, None)
    return held


def _by_time(found: Iterable[Remembered]) -> list[Remembered]:
    """Oldest first; those of one run from the best to the worst."""
    return sorted(found, key=lambda one: (one.at, one.run, ORDER.index(one.verdict)))
