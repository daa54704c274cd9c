"""Text to typed value, one way for the command line, playbooks and CSV."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ops.errors import InvalidRequest
from ops.secret import Slot

Names = tuple[str, ...]  # names with commas between them

EARLIEST, LATEST = 1970, 2999  # years; directories count from 1601 and take what lies outside as never
AS_A_DAY = "write it as 2026-11-24, or never"
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


def parse_date(text: str) -> date | None:
    """A day as YYYY-MM-DD; ``never`` or an empty text is None."""
    if text.strip().lower() in {"", "never"}:
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidRequest(f"{text!r} is not a date", hint=AS_A_DAY) from None
    if not EARLIEST <= day.year <= LATEST:
        raise InvalidRequest(f"{day} is not a day anything ends", hint=AS_A_DAY)
    return day


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
    date | None: parse_date,
    Slot: parse_slot,
}
