"""Lengths of time as people write them: ``90m``, ``24h``, ``7d``."""

from __future__ import annotations

import re
from datetime import timedelta

from ops.errors import InvalidRequest

WRITTEN = re.compile(r"([1-9][0-9]{0,4})\s*(m|h|d|w)")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def length(text: str) -> timedelta:
    """A length of time; raise ``InvalidRequest``."""
    found = WRITTEN.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidRequest(f"{text!r} is no length of time", hint="write 90m, 24h, 7d or 2w")
    return int(found[1]) * UNITS[found[2]]


def said(span: timedelta) -> str:
    """In the largest unit that says it without losing more than a tenth."""
    minutes = round(span.total_seconds() / 60)
    for unit, name in ((24 * 60, "d"), (60, "h")):
        if minutes >= 2 * unit or (minutes and minutes % unit == 0):
            number = minutes / unit
            return f"{number:.3g} {name}" if number < 100 else f"{number:.0f} {name}"
    return f"{minutes} min" if minutes else "less than a minute"
