"""How far a position can be trusted: A to D, the worst of coverage, recognition, proof and freshness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil

from inventory.licence.model import Device

ENOUGH = 95  # per cent of in-scope assets; with less, nothing is evaluated
RECENT = 30  # days
STEPS: Mapping[str, tuple[float, float, float]] = {  # least per cent for A, B, C
    "coverage": (99, 97, ENOUGH),
    "recognition": (98, 95, 90),
    "proof": (100, 90, 75),
}
AGES = (7, 14, RECENT)  # most days for A, B, C


@dataclass(frozen=True)
class Coverage:
    """Assets in scope, those inventoried within ``RECENT`` days, and the age that 95 % of these do not pass."""

    in_scope: int
    inventoried: int
    age: int | None = None

    @property
    def share(self) -> float:
        """Per cent; nothing in scope is nothing covered."""
        return 100 * self.inventoried / self.in_scope if self.in_scope else 0.0

    @property
    def enough(self) -> bool:
        """Whether a position may be evaluated at all. In whole numbers, so that 95 % is exactly 95 %."""
        return self.in_scope > 0 and 100 * self.inventoried >= ENOUGH * self.in_scope


@dataclass(frozen=True)
class Grade:
    """The four marks; a mark that does not apply is empty."""

    coverage: str = ""
    recognition: str = ""
    proof: str = ""
    freshness: str = ""

    @property
    def worst(self) -> str:
        """The one that decides; D when there is none."""
        return max((self.coverage, self.recognition, self.proof, self.freshness), default="") or "D"


def coverage(devices: Iterable[Device], on: date) -> Coverage:
    """How many of the live assets among ``devices`` were inventoried lately. A day in the future counts as never."""
    in_scope, ages = 0, []
    for device in devices:
        if device.live:
            in_scope += 1
            age = (on - device.inventoried_on).days if device.inventoried_on else -1
            ages += [age] if 0 <= age <= RECENT else []
    ages.sort()
    return Coverage(in_scope, len(ages), ages[ceil(len(ages) * 0.95) - 1] if ages else None)


def by_share(mark: str, part: int, whole: int) -> str:
    """The mark for a part of a whole; empty when there is nothing to be a part of."""
    if not whole:
        return ""
    return next((grade for grade, least in zip("ABC", STEPS[mark], strict=True) if 100 * part >= least * whole), "D")


def by_age(days: int | None) -> str:
    """The mark for how old the facts are; unknown and future are D."""
    if days is None or days < 0:
        return "D"
    return next((grade for grade, most in zip("ABC", AGES, strict=True) if days <= most), "D")
