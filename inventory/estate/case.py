"""A case: one verdict on one machine or group, why, what it rests on, what was not looked at, and until when to act.

The word of a case follows the house's order FAIL > ERROR > UNKNOWN > WARN > PASS: where a verdict rests on something
being absent from a source that did not look, the word is UNKNOWN, whatever the verdict.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

WORDS = ("FAIL", "ERROR", "UNKNOWN", "WARN", "PASS")  # worst first
SEVERITIES = ("critical", "high", "medium", "low", "info")  # worst first
DUE = timedelta(days=7)  # CIS Controls v8, 1.2: unauthorised assets are dealt with weekly
BLANKS = re.compile(r"\s+")
LONGEST = 20  # words of a reason
LONGEST_NAME = 40  # characters of an outside name within a reason


@dataclass(frozen=True)
class Case:
    """One verdict. ``id`` is the same whenever verdict and subject are. ``sources`` are all it rests on, those that
    saw it and those that did not; ``networks`` the CIDRs they had to look at; ``perhaps`` sightings that may be the
    same machine, for a person to say; ``members`` what a group is made of."""

    verdict: str
    subject: str
    severity: str
    word: str
    because: str
    sources: tuple[str, ...]
    as_of: datetime
    due: date
    not_looked_at: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Sixteen hex digits made of verdict and subject."""
        return sha256(f"{self.verdict}\0{self.subject}".encode()).hexdigest()[:16]

    @property
    def order(self) -> tuple[object, ...]:
        """Worst first, then by subject."""
        return SEVERITIES.index(self.severity), WORDS.index(self.word), self.verdict, self.subject, self.because


def overall(cases: Sequence[Case]) -> str:
    """The worst word of all; ``UNKNOWN`` if there is none, for nothing compared is not a pass."""
    return min((case.word for case in cases), key=WORDS.index, default="UNKNOWN")


def reason(text: str) -> str:
    """A reason of at most ``LONGEST`` words."""
    words = text.split()
    return " ".join(words if len(words) <= LONGEST else [*words[: LONGEST - 1], "…"])


def named(text: str) -> str:
    """A name from outside as one short word: devices choose their own, with whatever is in it."""
    seen = text if text.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in text.strip())
    word = BLANKS.sub("_", seen.strip())
    return word if len(word) <= LONGEST_NAME else word[: LONGEST_NAME - 1] + "…"
