"""What was required on earlier days: written down whenever inventories are collected, for trends."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from inventory.licence.position import positions
from inventory.register.licensing import counted
from inventory.register.tables import table

if TYPE_CHECKING:
    from inventory.register.store import Pen, Snapshot

Wanted = tuple[str, str, str]  # product, metric, scope


def keep(pen: Pen, on: date) -> None:
    """Write down what is required today; the same day again takes the place of what was there."""
    made = table("position")
    rows = [
        {"day": on, "product": one.key.product, "metric": one.key.metric, "scope": one.key.scope,
         "effective": one.effective, "required": one.required, "status": one.status}
        for one in positions(*counted(pen, on)) if one.required is not None
    ]  # fmt: skip
    pen.connection.execute(delete(made).where(made.c.day == on))
    if rows:
        pen.connection.execute(insert(made), rows)


def required_since(seen: Snapshot, day: date) -> dict[Wanted, list[tuple[date, int]]]:
    """(day, required) of each position since a day, oldest first."""
    made = table("position")
    found: dict[Wanted, list[tuple[date, int]]] = {}
    for row in seen.rows(select(made).where(made.c.day >= day).order_by(made.c.day)):
        found.setdefault((row.product, row.metric, row.scope), []).append((row.day, row.required))
    return found
