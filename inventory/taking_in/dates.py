"""Days in three orders. A day's order is a matter of its column: one reading that fits every row, or a question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from inventory.taking_in.rows import shown
from ops.errors import InvalidRequest
from ops.written import EARLIEST, LATEST, days

ORDERS = {"ymd": "2026-11-25", "dmy": "25.11.2026", "mdy": "11/25/2026"}
TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?(Z|[+-]\d{2}:?\d{2})?$")
NO_DAY = ("0000-00-00", "-", "n/a", "none", "unknown")  # written by others where nothing is known
FORM = "a day such as 2026-11-25"


@lru_cache(1 << 13)  # a company buys on far fewer days than things
def readings(text: str) -> Mapping[str, date]:
    """Every order in which a cell is a day, and which day it is then; a time of day beside it does not matter."""
    found = days(TIME.sub("", text.strip()))
    return {order: day for order, day in found.items() if EARLIEST <= day.year <= LATEST}


def why_no_day(text: str) -> str:
    """What is the matter with a text that is no day."""
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return "this is a day's number in a spreadsheet, not a day"
    if re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}", text):
        return "the year has two digits"
    return "this is no day"


@dataclass
class DateOrder:
    """Finds the order of one column: shown every cell, it keeps the orders that fit all of them."""

    column: str

    def __post_init__(self) -> None:
        self._fits = set(ORDERS)
        self._because: dict[str, tuple[int, str]] = {}  # order → the first row that rules it out
        self._open: tuple[int, str] | None = None  # the first row of which order matters and is not told

    def see(self, number: int, text: str) -> None:
        """One cell. What is no day in any order says nothing; its own row will be refused."""
        if not (found := readings(text)):
            return
        for order in self._fits - set(found):
            self._because.setdefault(order, (number, text))
        self._fits &= set(found)
        if len(set(found.values())) > 1 and self._open is None:
            self._open = (number, text)

    def decided(self, source: str) -> str:
        """The order of the column. Raise ``InvalidRequest`` if no order, or more than one, fits what was seen."""
        hint = "say --dates dmy, mdy or ymd"
        if not self._fits:
            rows = sorted(set(self._because.values()))
            first, last = rows[0], next((row for row in rows if not _together(row[1], rows[0][1])), rows[-1])
            told = f"line {first[0]} has {shown(first[1])}, line {last[0]} has {shown(last[1])}"
            raise InvalidRequest(f"{source}: {self.column} holds days in different orders: {told}", hint=hint)
        if len(self._fits) > 1 and self._open and {"dmy", "mdy"} <= self._fits:
            told = f"{shown(self._open[1])} in line {self._open[0]} can be two days"
            raise InvalidRequest(f"{source}: {self.column}: {told}, and no row says which", hint=hint)
        return next(order for order in ORDERS if order in self._fits)


def _together(one: str, other: str) -> bool:
    return bool(set(readings(one)) & set(readings(other)))
