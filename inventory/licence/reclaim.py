"""Seats that are not used and could be taken back: shown apart, since they save money only when a term is renewed.

``unsupported`` means that use cannot be seen, and is never "unused". People on leave, systems for disaster recovery
and those named as exceptions are left alone. A candidate is a question to its holder, not a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from inventory.licence.census import Estate
from inventory.licence.cover import standing
from inventory.licence.model import Allocation, Entitlement, Installation
from inventory.licence.recognition import Recogniser

IDLE = 90  # days since it was last used
TRIAL = 30  # days a new holder has before "never" says anything
EXCUSES = ("leave", "dr", "vip")
VERDICTS = ("unused", "used", "excused", "too-new", "cannot-tell")


@dataclass(frozen=True)
class LastUsed:
    """When a holder last used a product. ``status``: known (then ``at``), never, unsupported.

    ``at`` of an unsupported one is the latest use seen elsewhere: it can show use, and never the lack of it.
    """

    status: str
    at: date | None = None


@dataclass(frozen=True)
class Candidate:
    """One seat judged. ``saves_on`` is the last day to give notice, None when nothing can be saved."""

    allocation: Allocation
    product: str
    verdict: str
    because: str
    saves_on: date | None = None


@dataclass(frozen=True)
class Saving:
    """What taking back unused seats of one entitlement saves at its renewal: whole packs, minor units."""

    entitlement: str
    seats: int
    packs: int
    amount: int
    currency: str
    notice_on: date


def combined(seen: Iterable[LastUsed]) -> LastUsed:
    """One answer for a holder seen on several devices: the latest use; where one cannot tell, "never" is not said."""
    all_seen = list(seen)
    days = [one.at for one in all_seen if one.at is not None]
    blind = not all_seen or any(one.status not in ("known", "never") for one in all_seen)
    if days and not blind:
        return LastUsed("known", max(days))
    return LastUsed("unsupported", max(days, default=None)) if blind else LastUsed("never")


def last_used(rows: Iterable[Installation], recogniser: Recogniser, estate: Estate) -> dict[tuple[str, str], LastUsed]:
    """When each holder last used each product that is owned, in one pass: the asset, and the person who uses it."""
    owned = {line.product for line in estate.entitlements}
    found: dict[tuple[str, str], LastUsed] = {}
    for row in rows:
        product, device = recogniser(row).product, estate.devices.get(row.asset)
        if product not in owned or device is None:
            continue
        seen = LastUsed(row.last_used_status, row.last_used_at)
        user = (row.user if row.scope == "user" else "") or device.primary_user
        for holder in [f"asset:{row.asset}", *([f"person:{estate.persons.get(user, user)}"] if user else [])]:
            before = found.get((holder, product))
            found[holder, product] = combined([before, seen]) if before else seen
    return found


def candidates(
    entitlements: Mapping[str, Entitlement],
    allocations: Iterable[Allocation],
    used: Mapping[tuple[str, str], LastUsed],
    on: date,
    excused: Mapping[str, str] | None = None,
) -> Iterator[Candidate]:
    """Judge every open seat. ``used`` is by (holder, product); ``excused`` maps holders to one of ``EXCUSES``."""
    for one in allocations:
        line = entitlements.get(one.entitlement)
        if line is None or not one.open_on(on):
            continue
        last = used.get((one.holder, line.product), LastUsed("unsupported"))
        excuse = (excused or {}).get(one.holder, "")
        verdict, because = ("excused", excuse) if excuse else _judge(one, last, on)
        saves = line.notice_on if verdict == "unused" and line.notice_on and on <= line.notice_on else None
        yield Candidate(one, line.product, verdict, because, saves)


def savings(found: Iterable[Candidate], entitlements: Mapping[str, Entitlement], on: date) -> list[Saving]:
    """What could be saved, by notice date. Perpetual lines save nothing, and half a pack cannot be given back.

    Seats that nobody holds complete a pack. ``found`` has every open seat, not the unused ones only.
    """
    seats: dict[str, int] = {}
    held: dict[str, int] = {}
    for one in found:
        held[one.allocation.entitlement] = held.get(one.allocation.entitlement, 0) + one.allocation.qty
        if one.verdict == "unused" and one.saves_on:
            seats[one.allocation.entitlement] = seats.get(one.allocation.entitlement, 0) + one.allocation.qty
    rows = []
    for id_, count in seats.items():
        line = entitlements[id_]
        if line.notice_on is not None and standing(line, on) in ("effective", "unproven"):
            spare = line.units - held[id_]
            packs = max(0, spare + count) // line.pack_size - max(0, spare) // line.pack_size
            rows.append(Saving(id_, count, packs, packs * line.unit_cost, line.currency, line.notice_on))
    return sorted(rows, key=lambda row: (row.notice_on, row.entitlement))


def _judge(one: Allocation, last: LastUsed, on: date) -> tuple[str, str]:
    days = (on - last.at).days if last.at is not None else None
    if days is not None and (last.status == "known" or days <= IDLE):
        return ("unused" if days > IDLE else "used"), f"last used {last.at}, {days} days ago"
    if last.status == "never":
        held = (on - one.starts).days
        return ("unused" if held > TRIAL else "too-new"), f"never used, held for {held} days"
    return "cannot-tell", "its use cannot be seen"
