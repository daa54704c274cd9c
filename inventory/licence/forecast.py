"""What will be required on a day to come: today's demand, those who are known to join and leave, and the trend.

The trend is the Theil-Sen slope of the last six months: the median of the slopes between every two of them, which one
odd month does not turn. Its quartiles give low and high. Fewer than three months are no trend, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from math import ceil, floor
from statistics import median, quantiles

MONTHS = 6
LEAST = 3  # measurements for a trend
MONTH = 30.4375  # days, a twelfth of 365.25


@dataclass(frozen=True)
class Forecast:
    """Units required on ``day``. ``dated`` has joiners and leavers only; ``slope`` is units a month, None unknown."""

    day: date
    low: int
    mid: int
    high: int
    dated: int
    slope: float | None
    because: str

    def to_buy(self, effective: int) -> tuple[int, int, int]:
        """Units missing at low, mid and high."""
        low, mid, high = (max(0, units - effective) for units in (self.low, self.mid, self.high))
        return low, mid, high


def forecast(
    required: int,
    on: date,
    day: date,
    joiners: Iterable[tuple[date, int]] = (),
    leavers: Iterable[tuple[date, int]] = (),
    history: Iterable[tuple[date, int]] = (),
) -> Forecast:
    """Required on ``day``, seen from ``on``. Joiners and leavers are (day, units); ``history`` is (day, required).

    Only changes after ``on`` and up to ``day`` are counted. Rounded so that low is not too high nor high too low.
    """
    joined = sum(units for when, units in joiners if on < when <= day)
    left = sum(units for when, units in leavers if on < when <= day)
    dated = max(0, required + joined - left)
    because = f"{required} today, {joined} join, {left} leave"
    slopes = _slopes(history, on)
    if slopes is None:
        return Forecast(day, dated, dated, dated, dated, None, f"{because}; too few months for a trend")
    months = max(0, (day - on).days) / MONTH
    low, mid, high = (max(0.0, dated + slope * months) for slope in slopes)
    trend = f"{because}; {slopes[1]:+.1f} a month for {months:.1f} months"
    return Forecast(day, floor(low), round(mid), ceil(high), dated, slopes[1], trend)


def anniversary(starts: date, on: date) -> date:
    """The next anniversary of an agreement after a day; the 29th of February is kept on the 28th in other years."""
    for year in (on.year, on.year + 1):
        leap_day = starts.month == 2 and starts.day == 29
        found = date(year, 2, 28) if leap_day and not _leap(year) else starts.replace(year=year)
        if found > on:
            return found
    raise AssertionError("one of two years has it")


def _slopes(history: Iterable[tuple[date, int]], on: date) -> tuple[float, float, float] | None:
    """Lower quartile, median and upper quartile of the slopes a month; None with too few days to tell."""
    first = on - timedelta(days=round(MONTHS * MONTH))
    points = sorted({when: units for when, units in history if first <= when <= on}.items())
    if len(points) < LEAST:
        return None
    slopes = [(b - a) / ((later - earlier).days / MONTH) for (earlier, a), (later, b) in combinations(points, 2)]
    lower, _, upper = quantiles(slopes, n=4, method="inclusive")
    return lower, median(slopes), upper


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
