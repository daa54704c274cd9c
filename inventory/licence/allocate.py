"""The one rule of quantity: open seats never exceed what is effective, unless somebody answers for it until a day.

Every path that gives out a seat asks ``may_allocate``; there is no other place where this is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inventory.licence.cover import standing
from inventory.licence.model import UNLIMITED, Allocation, Entitlement, OverAllocation


@dataclass(frozen=True)
class Ruling:
    """Whether a seat may be given, why, and what to do if not. True when it may."""

    allowed: bool
    because: str
    hint: str = ""

    def __bool__(self) -> bool:
        """Whether it may."""
        return self.allowed


_REFUSALS = {
    "not-active": ("is not active", "choose an active entitlement"),
    "not-started": ("has not started yet", "let the seat start when the entitlement does"),
    "ended": ("has ended", "renew it, or choose another entitlement"),
}


def may_allocate(
    entitlements: Mapping[str, Entitlement],
    allocations: Iterable[Allocation],
    new: Allocation,
    over_allocation: OverAllocation | None = None,
) -> Ruling:
    """Whether ``new`` may be added to ``allocations``.

    Judged for every day of the new seat on which another one starts, so that a seat promised for next month is not
    given away today. Units without proof are not effective. An over-allocation adds its units while it lasts, only to
    the entitlement it names; a seat that needs it has to end by the day it expires.
    """
    line = entitlements.get(new.entitlement)
    if line is None:
        return Ruling(False, f"there is no entitlement {new.entitlement}", "list the entitlements and choose one")
    state = standing(line, new.starts)
    if state in _REFUSALS:
        because, hint = _REFUSALS[state]
        return Ruling(False, f"{line.id} {because}", hint)
    if line.metric in UNLIMITED and state == "effective":
        return Ruling(True, f"{line.id} has no limit of seats")
    owned = line.units if state == "effective" else 0
    most = _most(allocations, new)
    if most <= owned:
        return Ruling(True, f"{most} of {owned} seats of {line.id} are then given out")
    return _over(line, most, owned, new, over_allocation)


def over_allocated(
    entitlements: Mapping[str, Entitlement],
    allocations: Iterable[Allocation],
    over_allocations: Sequence[OverAllocation],
    on: date,
) -> dict[str, int]:
    """Seats given out beyond what is effective and approved on a day, by entitlement; only those with any."""
    held: dict[str, int] = {}
    for one in allocations:
        if one.open_on(on):
            held[one.entitlement] = held.get(one.entitlement, 0) + one.qty
    beyond = {}
    for id_, seats in held.items():
        line = entitlements.get(id_)
        if line is not None and line.metric in UNLIMITED and standing(line, on) == "effective":
            continue
        owned = line.units if line is not None and standing(line, on) == "effective" else 0
        approved = sum(each.qty for each in over_allocations if each.entitlement == id_ and on < each.expires)
        beyond[id_] = seats - owned - approved
    return {id_: seats for id_, seats in beyond.items() if seats > 0}


def _most(allocations: Iterable[Allocation], new: Allocation) -> int:
    """The most seats open at once, on any day of the new one."""
    same = [one for one in allocations if one.entitlement == new.entitlement]
    days = {new.starts, *(one.starts for one in same if new.open_on(one.starts))}
    return new.qty + max(sum(one.qty for one in same if one.open_on(day)) for day in days)


def _over(line: Entitlement, most: int, owned: int, new: Allocation, over: OverAllocation | None) -> Ruling:
    fact = f"{line.id} has {owned} {'seat' if owned == 1 else 'seats'}, and {most} would be given out"
    if over is None or over.entitlement != line.id:
        if not line.proof:
            return Ruling(False, f"{fact}: without proof nothing of it counts", "attach its invoice or contract")
        return Ruling(False, fact, "take a seat back, buy more, or have the excess approved until a day")
    if most > owned + over.qty:
        return Ruling(False, f"{fact}; {over.approver} approved {over.qty} more", "take a seat back or buy more")
    if new.ends is None or new.ends > over.expires:
        return Ruling(False, f"{fact}; the approval ends on {over.expires}", f"let the seat end by {over.expires}")
    return Ruling(True, f"{fact}; approved by {over.approver} until {over.expires}")
