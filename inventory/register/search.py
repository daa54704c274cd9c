"""Looking for assets by a word, and what one asset is worth and holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from inventory.currency import places
from inventory.register.fields import Fields, stored

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

LOOKED_AT = ("key", "serial", "hostname", "fqdn", "holder", "maker", "model", "location", "site", "macs", "address")


def found(seen: Snapshot, word: str, **equal: str) -> Iterator[tuple[str, Fields]]:
    """Assets in which a word stands, capitals or not, in order of tags; ``equal`` narrows by whole fields."""
    from sqlalchemy import func, or_, select

    from inventory.register.store import fields_of
    from inventory.register.tables import table

    made = table("asset")
    asked: list[Any] = [made.c.voided.is_(False)]
    asked += [made.c[name] == stored("asset", name, text) for name, text in equal.items()]
    if word:
        like = f"%{_literal(word.lower())}%"
        asked.append(or_(*(func.lower(made.c[name]).like(like, escape="\\") for name in LOOKED_AT)))
    for row in seen.rows(select(made).where(*asked).order_by(made.c.key)):
        if word.isascii() or any(word.lower() in (getattr(row, name) or "").lower() for name in LOOKED_AT):
            yield row.key, fields_of("asset", row)


def _literal(word: str) -> str:
    """For LIKE; any sign stands for a letter beyond ASCII, whose capitals the database does not know."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return "".join(sign if sign.isascii() else "_" for sign in escaped)


def book_value(asset: Fields, on: date) -> str:
    """What an asset is worth on a day, straight line over whole months from its purchase to what is left of it.

    Empty where cost, day of purchase or life is not known; never below the salvage value. Text, as money is kept.
    """
    paid, since, months_of_life = asset.get("cost"), asset.get("purchased"), asset.get("life_months")
    if not paid or not since or not months_of_life:
        return ""
    bought, life = date.fromisoformat(since), max(int(months_of_life), 1)
    months = (on.year - bought.year) * 12 + on.month - bought.month - (on.day < bought.day)
    used = Decimal(min(max(months, 0), life)) / life
    cost, left = Decimal(paid), Decimal(asset.get("salvage", "0"))
    step = Decimal(1).scaleb(-places(asset.get("currency", "")))
    return str((cost - (cost - left) * used).quantize(step, ROUND_HALF_EVEN))
