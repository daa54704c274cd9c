"""When there are too few of a consumable, and what was spent of a budget: one rule for commands, audits, reports."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from inventory.register.fields import Fields


def too_few(one: Fields) -> bool:
    """Whether so few of a consumable are left that more are to be ordered."""
    return bool(one.get("reorder_at")) and int(one.get("on_hand", "0")) <= int(one["reorder_at"])


def spent(bookings: Iterable[Fields]) -> dict[str, Decimal]:
    """What was booked on each budget that anything was booked on."""
    found: dict[str, Decimal] = {}
    for one in bookings:
        found[one["budget"]] = found.get(one["budget"], Decimal(0)) + Decimal(one["amount"])
    return found
