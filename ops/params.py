"""Text to typed value, one way for the command line, playbooks and CSV."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from ops.errors import InvalidRequest
from ops.secret import Slot
from ops.written import EARLIEST, LATEST, amount_of, amounts, days

Names = tuple[str, ...]  # names with commas between them
Pairs = tuple[tuple[str, str], ...]  # NAME=VALUE, with commas between them

AS_A_DAY = "write it as 2026-11-24, or never"
AS_AN_AMOUNT = "write it as 1299.00"
MOST_PLACES = 4  # decimals of any currency
BETWEEN = re.compile(r",(?=[^,=]*=)")
SLOTS = "generated, prompt, stdin or file:PATH"


def parse_bool(text: str) -> bool:
    """``true`` or ``false``; an empty text is false."""
    try:
        return {"true": True, "false": False, "": False}[text.strip().lower()]
    except KeyError:
        raise InvalidRequest(f"{text!r} is neither true nor false") from None


def parse_names(text: str) -> Names:
    """Names with commas between them, in order, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def parse_pairs(text: str) -> Pairs:
    """``NAME=VALUE`` with commas between them; a comma that no ``NAME=`` follows is part of the value."""
    found = [word.partition("=") for word in BETWEEN.split(text) if word.strip()]
    if wrong := next((name for name, equals, _ in found if not equals), ""):
        raise InvalidRequest(f"{wrong!r} is not NAME=VALUE", hint="such as location='Room 3' cost=1299.00")
    return tuple((name.strip(), value.strip()) for name, _, value in found)


def parse_date(text: str) -> date | None:
    """A day in any writing that has one reading; ``never`` or an empty text is None."""
    text = text.strip()
    if text.lower() in {"", "never"}:
        return None
    found = {*days(text).values()}
    if len(found) > 1:
        first, second = sorted(found)
        raise InvalidRequest(f"{text!r} can be {first} or {second}", hint="write the one that is meant")
    if not found:
        raise InvalidRequest(f"{text!r} is not a date", hint=AS_A_DAY)
    if not EARLIEST <= (day := found.pop()).year <= LATEST:
        raise InvalidRequest(f"{day} is not a day anything ends", hint=AS_A_DAY)
    return day


def parse_amount(text: str) -> str:
    """An amount in any writing that has one reading, as plain text such as ``1299.5``; an empty text stays so."""
    minus, digits = "-" * text.strip().startswith("-"), text.strip().removeprefix("-")
    if not digits:
        return ""
    amount = amount_of(digits)
    found = {*amounts(amount.number, MOST_PLACES).values()} if amount else set[Decimal]()
    if not amount or not found:
        raise InvalidRequest(f"{text!r} is no amount", hint=AS_AN_AMOUNT)
    if amount.sign:
        raise InvalidRequest(f"{text!r} has a currency beside it", hint="write the number alone")
    if len(found) > 1:
        less, more = sorted(found)
        raise InvalidRequest(f"{text!r} can be {more:.2f} or {less}", hint="write the one that is meant")
    return f"{minus}{found.pop().normalize():f}"


def parse_slot(text: str) -> Slot:
    """Where a secret comes from; never the secret itself."""
    source, colon, rest = text.partition(":")
    if text in {"prompt", "stdin"} or source == "generated" or (source == "file" and colon and rest):
        return Slot(text)
    raise InvalidRequest(f"say where the password comes from: {SLOTS}", hint="never write a password itself here")


PARSERS: dict[Any, Callable[[str], object]] = {
    str: str,
    bool: parse_bool,
    Names: parse_names,
    Pairs: parse_pairs,
    date | None: parse_date,
    Slot: parse_slot,
}
