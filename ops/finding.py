"""What audits yield: a verdict on one subject, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Verdict(IntEnum):
    """From good to bad; the worst of several wins. Nothing compared is UNKNOWN, which is never green."""

    PASS = 0
    WARN = 1
    UNKNOWN = 2
    ERROR = 3
    FAIL = 4


def reaches(verdict: Verdict, limit: Verdict) -> bool:
    """Whether it is as bad as a limit, or worse. What cannot be judged is no better than what failed."""
    return verdict >= min(limit, Verdict.ERROR) and verdict != Verdict.PASS


@dataclass(frozen=True)
class Source:
    """What a verdict is from, and the moment of which that is, in UTC."""

    name: str
    as_of: datetime


@dataclass(frozen=True)
class Finding:
    """One subject measured against one rule. ``about`` is how a person knows the subject.

    ``sources`` is what was looked at for it; empty where the audit says it once for all.
    """

    subject: str
    about: str
    rule: str
    verdict: Verdict
    because: str
    next_step: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Seen:
    """How much an audit looked at, and what it did not: yielded once, so that silence is never read as green."""

    looked_at: int
    what: str
    not_looked_at: tuple[str, ...] = ()


def worst(findings: tuple[Finding, ...], seen: tuple[Seen, ...]) -> Verdict:
    """The verdict of a whole audit; with nothing looked at it is UNKNOWN."""
    nothing = Verdict.PASS if any(part.looked_at for part in seen) else Verdict.UNKNOWN
    return max([nothing, *(finding.verdict for finding in findings)])
