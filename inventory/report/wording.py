"""Values as plain text, the same in CSV, in JSON and in a sentence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from inventory.report.money import Money
from inventory.report.parts import Column, Link, Plain


def plain(value: Plain) -> str:
    """A value for a machine: no thousands separators, ISO 8601 dates, UTC as Z; an amount without its currency."""
    match value:
        case None:
            return ""
        case Link():
            return value.text
        case Money():
            return f"{value.amount:f}"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
    return str(value)


def shown(column: Column, value: Plain) -> str:
    """A value for a person, as its cell shows it."""
    match value:
        case Money():
            return f"{value.amount:,} {value.currency}"
        case Decimal() if column.kind == "percent":
            return f"{value * 100:,.{column.places}f}%"
        case Decimal():
            return f"{value:,.{column.places}f}"
        case int():
            return f"{value:,}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
    return plain(value)
