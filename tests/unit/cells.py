"""One row of cells, and what is made of it."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from inventory.taking_in.rows import Mistake, Row, Taken
from inventory.taking_in.values import Reading, taken

DAYS = st.dates(date(1970, 1, 1), date(2999, 12, 31))


def fields(reading: Reading | None = None, **cells: str) -> dict[str, str]:
    found = one(reading, **cells)
    assert isinstance(found, Taken), [str(each) for each in found]
    return dict(found.fields)


def one(reading: Reading | None = None, **cells: str) -> Taken | tuple[Mistake, ...]:
    more = reading or Reading({})
    names = {name: name for name in cells}
    return taken(Row(7, cells), Reading(names, more.orders, more.decimals, more.currency, more.values))


def mistake(reading: Reading | None = None, **cells: str) -> str:
    found = one(reading, **cells)
    assert isinstance(found, tuple)
    (only,) = found
    return str(only)
