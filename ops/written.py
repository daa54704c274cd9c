"""Days and amounts as they are written in different countries: every reading that a text has, and no guess.

``2026-11-25`` is year first; ``25.11.2026`` is day first, as nobody writes dots otherwise; ``25/11/2026`` and
``11/25/2026`` are told apart by a number above twelve. ``1.299,00``, ``1'299.00`` and ``1 299,00`` are thousands by
their groups of three.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
EARLIEST, LATEST = 1970, 2999  # years; directories count from 1601 and take what lies outside as never
DECIMALS = {"point": ".", "comma": ","}
GROUP = re.compile(r"(?<=\d)['’\s](?=\d{3}(?!\d))")  # thousands parted by what parts no decimals
SIGN = r"[^\d\s,+()-]{0,4}"
AMOUNT = re.compile(rf"(?P<before>{SIGN})\s*(?P<number>\d[\d.,'’\s]*?)(?:[.,]?[-–—]+)?\s*(?P<after>{SIGN})")


def days(text: str) -> Mapping[str, date]:
    """Every order in which a text is a day, and which day it is then; none if it is no day at all."""
    found = {}
    if match := YEAR_FIRST.fullmatch(text):
        found["ymd"] = _day(match[1], match[3], match[4])
    elif match := YEAR_LAST.fullmatch(text):
        found["dmy"] = _day(match[4], match[3], match[1])
        if match[2] != ".":
            found["mdy"] = _day(match[4], match[1], match[3])
    return {order: day for order, day in found.items() if day}


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


@dataclass(frozen=True)
class Amount:
    """An amount as written: digits with their signs, and the currency beside it, empty if none is."""

    number: str
    sign: str


@lru_cache(1 << 13)  # prices come again
def amount_of(text: str) -> Amount | None:
    """The parts of an amount, ``None`` if it is none; a negative one is none either."""
    match = AMOUNT.fullmatch(text.strip())
    if not match or (match["before"] and match["after"]):
        return None
    sign = match["before"] or match["after"]
    return Amount(GROUP.sub("", match["number"].strip()), sign.rstrip("."))


@lru_cache(1 << 13)
def amounts(number: str, places: int = 2) -> Mapping[str, Decimal]:
    """``point`` and ``comma`` → the amount, for each of the two that a number can have its decimals parted by."""
    found = {}
    for name, sign in DECIMALS.items():
        other = "," if sign == "." else "."
        whole = rf"(?P<whole>\d+|\d{{1,3}}(?:{re.escape(other)}\d{{3}})+)"
        part = rf"(?:{re.escape(sign)}(?P<part>\d{{1,{places}}}))?" if places else ""
        if match := re.fullmatch(whole + part, number):
            cents = (match.groupdict().get("part") or "").ljust(places, "0")
            found[name] = Decimal(match["whole"].replace(other, "") + (f".{cents}" if places else ""))
    return found
