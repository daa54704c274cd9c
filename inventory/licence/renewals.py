"""The calendar of renewals, the notice date first: after it, the next term is paid whether it is wanted or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from inventory.licence.cover import standing
from inventory.licence.model import Allocation, Entitlement

BANDS = (30, 60, 90)  # days to a date; the first that reaches it is its band
KINDS = ("notice", "end", "maintenance")


@dataclass(frozen=True)
class Due:
    """One day in the calendar. ``band`` is 30, 60 or 90, 0 when the day is past, None when it is further off.

    ``amount`` is what the next term costs, in minor units; ``unassigned`` are units that nobody holds.
    """

    day: date
    kind: str
    entitlement: str
    product: str
    band: int | None
    what: str
    amount: int
    currency: str
    unassigned: int


def calendar(
    entitlements: Iterable[Entitlement], allocations: Iterable[Allocation], on: date, days: int = 365
) -> list[Due]:
    """What falls due within ``days``, earliest first; a notice date that has passed stays until the term ends."""
    held: dict[str, int] = {}
    for one in allocations:
        if one.open_on(on):
            held[one.entitlement] = held.get(one.entitlement, 0) + one.qty
    last = on + timedelta(days=days)
    standing_now = (line for line in entitlements if standing(line, on) in ("effective", "unproven"))
    found = [due for line in standing_now for due in _of(line, held.get(line.id, 0), on) if due.day <= last]
    return sorted(found, key=lambda due: (due.day, KINDS.index(due.kind), due.entitlement))


def band(day: date, on: date) -> int | None:
    """Which warning a day has come into."""
    left = (day - on).days
    return 0 if left < 0 else next((most for most in BANDS if left <= most), None)


def _of(line: Entitlement, held: int, on: date) -> Iterator[Due]:
    unassigned = max(0, line.units - held)
    cost = line.qty * line.unit_cost

    def due(day: date, kind: str, what: str) -> Due:
        return Due(day, kind, line.id, line.product, band(day, on), what, cost, line.currency, unassigned)

    if line.ends is not None and line.notice_on is not None:
        if line.notice_days or line.auto_renew:
            yield due(line.notice_on, "notice", _notice(line, on))
        yield due(line.ends, "end", "renews by itself" if line.auto_renew else "ends; order the next term")
    if line.maintenance_until is not None and line.maintenance_until >= on:
        yield due(line.maintenance_until, "maintenance", "last day on which a new release is covered")


def _notice(line: Entitlement, on: date) -> str:
    if line.notice_on is not None and line.notice_on < on:
        return "notice date has passed"
    return "last day to give notice, else it renews by itself" if line.auto_renew else "last day to give notice"
