"""Sessions at once: the measure of a concurrent licence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inventory.licence.model import Session
from ops.errors import InvalidRequest

P95 = 95  # per cent of the time


@dataclass(frozen=True)
class Peak:
    """Sessions at once: the most, when that was first reached, and the level not passed in 95 % of the time."""

    peak: int
    p95: int
    at: datetime | None


def concurrent(sessions: Iterable[Session], window: tuple[datetime, datetime]) -> Peak:
    """The most sessions open at once within a window, by a sweep over starts and ends.

    At the same instant an end comes before a start: a seat handed over is one seat. Raise ``InvalidRequest`` for an
    empty window.
    """
    opens, closes = window
    if closes <= opens:
        raise InvalidRequest("the window of a measurement ends before it starts", hint="give its first and last moment")
    steps: dict[datetime, int] = {}
    for session in sessions:
        start, end = max(session.start, opens), min(session.end or closes, closes)
        if start < end:
            steps[start] = steps.get(start, 0) + 1
            steps[end] = steps.get(end, 0) - 1
    return _sweep(sorted(steps.items()), opens, closes)


def _sweep(steps: list[tuple[datetime, int]], opens: datetime, closes: datetime) -> Peak:
    level, peak, at, since = 0, 0, None, opens
    lasted: dict[int, timedelta] = {}
    for moment, step in steps:
        lasted[level] = lasted.get(level, timedelta()) + (moment - since)
        level, since = level + step, moment
        if level > peak:
            peak, at = level, moment
    lasted[level] = lasted.get(level, timedelta()) + (closes - since)
    return Peak(peak, _level(lasted, closes - opens), at)


def _level(lasted: Mapping[int, timedelta], whole: timedelta) -> int:
    """The lowest level that is not passed for 95 % of the time."""
    so_far = timedelta()
    for level in sorted(lasted):
        so_far += lasted[level]
        if so_far * 100 >= whole * P95:
            return level
    return max(lasted)
