"""Which entitlement covers which installed release.

A line covers an interval of releases: upward as far as its maintenance reached, downward as far as its downgrade
right goes. Demand is taken newest first; each takes the covering line with the least downward reach, since that line
is the first to become useless as demand grows older; of two such lines the one of the lowest release.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from inventory.licence.model import NO_RELEASE, Entitlement, Product

ANY = 0  # the rank of every demand for a product without releases


@dataclass(frozen=True)
class Span:
    """One line as cover sees it: ``units`` good for releases of rank ``low`` to ``high``, both included."""

    line: str
    low: int
    high: int
    units: int


@dataclass(frozen=True)
class Cover:
    """``given``: (line, rank, units) in the order they were given out. ``uncovered``: units by rank without a line."""

    given: tuple[tuple[str, int, int], ...]
    uncovered: Mapping[int, int]

    @property
    def shortfall(self) -> int:
        """Units that no line covers."""
        return sum(self.uncovered.values())


def standing(line: Entitlement, on: date) -> str:
    """Why a line counts or does not: effective, unproven, not-active, not-started or ended."""
    if line.state != "active":
        return "not-active"
    if on < line.starts:
        return "not-started"
    if line.ends is not None and line.ends <= on:
        return "ended"
    return "effective" if line.proof else "unproven"


def effective(lines: Iterable[Entitlement], on: date) -> int:
    """Units of the lines that are active, in force on that day and proven."""
    return sum(line.units for line in lines if standing(line, on) == "effective")


def span(line: Entitlement, product: Product, on: date) -> Span:
    """The releases a line is good for on that day.

    Upgrade: the newest release that came out while maintenance was live, never older than the one bought. Downgrade:
    none keeps what lies between bought and upgraded; n-1 adds the release before; any adds all older ones.
    """
    ranks = product.ranks
    if not ranks:
        return Span(line.id, ANY, ANY, line.units)
    if line.max_release_rank is None:
        return Span(line.id, ranks[0], ranks[-1], line.units)
    bought = line.max_release_rank
    high = max([bought, *_upgrades(line, product, on)])
    return Span(line.id, min(bought, _lowest(line.downgrade, high, ranks)), high, line.units)


def cover(demand: Mapping[int, int], spans: Iterable[Span]) -> Cover:
    """Give lines to demand (units by rank) so that as much as possible is covered.

    Demand of rank ``NO_RELEASE`` is content with any line, so it comes last and takes what is left.
    """
    spans = tuple(spans)
    ranked = {rank: units for rank, units in demand.items() if rank != NO_RELEASE}
    covered = _by_release(ranked, spans)
    return _leftovers(covered, spans, demand.get(NO_RELEASE, 0))


def _by_release(demand: Mapping[int, int], spans: Iterable[Span]) -> Cover:
    waiting = sorted(spans, key=lambda one: (one.high, one.low, one.line))
    usable: list[tuple[int, int, str, int]] = []  # least downward reach first, then lowest release
    given: list[tuple[str, int, int]] = []
    uncovered: dict[int, int] = {}
    for rank in sorted(demand, reverse=True):
        while waiting and waiting[-1].high >= rank:
            one = waiting.pop()
            heapq.heappush(usable, (-one.low, one.high, one.line, one.units))
        missing = demand[rank]
        for line, units in _draw(usable, rank, missing):
            given.append((line, rank, units))
            missing -= units
        if missing:
            uncovered[rank] = missing
    return Cover(tuple(given), uncovered)


def _leftovers(covered: Cover, spans: Iterable[Span], wanted: int) -> Cover:
    used: dict[str, int] = {}
    for line, _, units in covered.given:
        used[line] = used.get(line, 0) + units
    given = list(covered.given)
    for one in spans:
        taken = min(wanted, one.units - used.get(one.line, 0))
        if taken > 0:
            given.append((one.line, NO_RELEASE, taken))
            wanted -= taken
    return Cover(tuple(given), {**covered.uncovered, **({NO_RELEASE: wanted} if wanted else {})})


def _draw(usable: list[tuple[int, int, str, int]], rank: int, wanted: int) -> Iterator[tuple[str, int]]:
    """Take units for one rank; lines that reach down no further are of no use to what comes after, and go."""
    while wanted and usable:
        low, high, line, units = heapq.heappop(usable)
        if -low > rank:
            continue
        taken = min(units, wanted)
        wanted -= taken
        if units > taken:
            heapq.heappush(usable, (low, high, line, units - taken))
        if taken:
            yield line, taken


def _upgrades(line: Entitlement, product: Product, on: date) -> Iterator[int]:
    if line.maintenance_until is None:
        return
    last = min(line.maintenance_until, on)
    for release in product.releases:
        if release.released_on is not None and release.released_on <= last:
            yield release.rank


def _lowest(downgrade: str, high: int, ranks: tuple[int, ...]) -> int:
    if downgrade == "any":
        return ranks[0]
    if downgrade == "n-1":
        return max((rank for rank in ranks if rank < high), default=high)
    return high
