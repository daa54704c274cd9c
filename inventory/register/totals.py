"""What the database itself adds up, without going through the code that lists: to compare a list with."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from inventory.currency import places
from inventory.register.tables import table

if TYPE_CHECKING:
    from inventory.register.store import Snapshot


def by_state(seen: Snapshot) -> dict[str, int]:
    """How many assets are in each state."""
    made = table("asset")
    asked = select(made.c.state, func.count()).where(made.c.voided.is_(False)).group_by(made.c.state)
    return {row[0]: int(row[1]) for row in seen.connection.execute(asked)}


def costs(seen: Snapshot, *, without: str = "") -> dict[str, Decimal]:
    """Currency → what assets cost, leaving out those in one state."""
    made = table("asset")
    asked = select(made.c.currency, func.sum(made.c.cost)).where(made.c.voided.is_(False), made.c.cost.is_not(None))
    found = seen.connection.execute(asked.where(made.c.state != without).group_by(made.c.currency))
    return {row[0]: Decimal(int(row[1])).scaleb(-places(row[0])) for row in found}


def counts(seen: Snapshot, kind: str, name: str) -> tuple[int, Decimal]:
    """How many things of a kind there are, and the sum of one of their counts."""
    made = table(kind)
    asked = select(func.count(), func.coalesce(func.sum(made.c[name]), 0)).where(made.c.voided.is_(False))
    row = seen.connection.execute(asked).one()
    return int(row[0]), Decimal(int(row[1]))
