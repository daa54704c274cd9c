"""The licence position of each product, metric and scope on a day: effective less required, and what follows from it.

The release decides too: where ten licences of 2019 stand beside five installations of 2021, the position is +5 and
the shortfall is 5. Exposure follows the shortfall. A site's own lines are used first; what they do not cover is asked
of the organisation's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from math import ceil

from inventory.licence.census import Census, Estate
from inventory.licence.cover import Cover, cover, span, standing
from inventory.licence.demand import UNRESOLVED, Demand, Key, Line
from inventory.licence.grade import ENOUGH, Coverage, Grade, by_age, by_share, coverage
from inventory.licence.metrics import lines
from inventory.licence.model import ORG, UNKNOWN_RELEASE, Device, Entitlement, site_of
from ops.errors import InvalidRequest

VERDICTS: Mapping[str, str] = {  # worst first; the status is the first that holds
    "PROHIBITED": "FAIL",
    "SHORT": "FAIL",
    "EXPIRED-IN-USE": "FAIL",
    "UNPROVEN": "FAIL",
    "NOT_EVALUATED": "UNKNOWN",
    "EXPIRING": "WARN",
    "EXACT": "PASS",
    "SURPLUS": "PASS",
}
NOTICE = 90  # days before the notice date from which a line is expiring
UNSEEN = frozenset({"concurrent", "cal"})  # not counted from installations


@dataclass(frozen=True)
class Position:
    """One row. Numbers are units (seats, cores); ``required`` None was not measured.

    ``owned`` is all on the books, whether or not it counts today. ``statuses`` is every status that holds, worst
    first. ``unresolved`` are installations nobody can place, so that ``required`` may be too low. ``exposure`` is the
    shortfall at list price in minor units, None without a price. ``passed_on`` went to the organisation's lines.
    ``allocated`` are open seats; ``shelfware`` are effective units that nobody holds.
    """

    key: Key
    owned: int
    effective: int
    unproven: int
    required: int | None
    allocated: int
    shelfware: int
    shortfall: int | None
    unresolved: int
    passed_on: int
    received: tuple[tuple[str, int, int], ...]
    statuses: tuple[str, ...]
    grade: Grade
    coverage: Coverage
    exposure: int | None = None
    currency: str = ""

    @property
    def position(self) -> int | None:
        """Effective less required."""
        return None if self.required is None else self.effective - self.required

    @property
    def status(self) -> str:
        """The worst status that holds."""
        return self.statuses[0]

    @property
    def verdict(self) -> str:
        """FAIL, UNKNOWN, WARN or PASS."""
        return VERDICTS[self.status]


@dataclass
class _Tally:
    """What the lines of demand add up to."""

    ranks: Counter[int] = field(default_factory=Counter)
    unresolved: int = 0
    counted: int = 0
    measured: bool = True

    def add(self, line: Line) -> None:
        if line.counted:
            self.ranks[line.rank] += line.units
            self.counted += 1
        elif line.rule == "not-measured":
            self.measured = False
        elif line.rule in UNRESOLVED:
            self.unresolved += 1


def positions(estate: Estate, census: Census) -> Iterator[Position]:
    """Every position on the estate's day, by product. Raise ``InvalidRequest`` for an entitlement of no product."""
    for line in estate.entitlements:
        if line.product not in estate.products:
            raise InvalidRequest(f"{line.id} is of {line.product}, which is no product", hint="add the product first")
    covered = _Covered(estate)
    for product in sorted({*census.installed, *(line.product for line in estate.entitlements)}):
        yield from _of_product(Demand(estate, census, estate.products[product]), covered)


def derivation(estate: Estate, census: Census, position: Position) -> Iterator[Line]:
    """Why a position is what it is: every entitlement and every unit of demand, counted or not, with its rule."""
    demand = Demand(estate, census, estate.products[position.key.product])
    for line in _lines_of(demand, position.key):
        rule = standing(line, estate.as_of)
        until = f"until {line.ends}" if line.ends else "for ever"
        because = f"{line.qty} of {line.pack_size}, from {line.starts} {until}"
        yield Line("entitlement", line.id, rule == "effective", line.units, rule, because)
    yield from lines(demand, position.key)
    for site, rank, units in position.received:
        yield Line("demand", f"site:{site}", True, units, "received", rank=rank)
    if position.passed_on:
        yield Line("demand", position.key.scope, True, -position.passed_on, "passed-on")


def _of_product(demand: Demand, covered: _Covered) -> Iterator[Position]:
    passed: dict[str, list[tuple[str, int, int]]] = {}
    with_org = {line.metric for line in demand.on_books if line.scope == ORG}
    for key in demand.keys:
        row = _Row(demand, key, covered, tuple(passed.get(key.metric, ())))
        passes = key.scope != ORG and key.metric in with_org
        if passes:
            uncovered = row.given.uncovered.items()
            passed.setdefault(key.metric, []).extend((site_of(key.scope), rank, units) for rank, units in uncovered)
        found = row.position(row.given.shortfall if passes else 0)
        if found.owned or found.required or found.required is None or found.unresolved:
            yield found


def _lines_of(demand: Demand, key: Key) -> list[Entitlement]:
    return [line for line in demand.lines if (line.metric, line.scope) == (key.metric, key.scope)]


class _Covered:
    """How well each scope is inventoried, worked out once."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._known: dict[str, Coverage] = {}

    def __getitem__(self, scope: str) -> Coverage:
        if scope not in self._known:
            here: Iterator[Device] = iter(self._estate.devices.values())
            if site := site_of(scope):
                here = (device for device in here if device.site == site)
            self._known[scope] = coverage(here, self._estate.as_of)
        return self._known[scope]


class _Row:
    """One position while it is worked out."""

    def __init__(self, demand: Demand, key: Key, covered: _Covered, received: tuple[tuple[str, int, int], ...]) -> None:
        self.demand, self.key, self.received = demand, key, received
        self.on = demand.estate.as_of
        self.coverage = covered[key.scope]
        self.lines = _lines_of(demand, key)
        self.tally = _Tally()
        for line in lines(demand, key):
            self.tally.add(line)
        for _, rank, units in received:
            self.tally.ranks[rank] += units

    @cached_property
    def given(self) -> Cover:
        """What the lines that count cover."""
        return self._cover("effective")

    def units(self, *standings: str) -> int:
        """Units of the lines that stand so; all without a word."""
        return sum(line.units for line in self.lines if not standings or standing(line, self.on) in standings)

    def position(self, passed_on: int) -> Position:
        """The row, less what is passed on."""
        required = self.tally.ranks.total() - passed_on if self.tally.measured else None
        shortfall = self.given.shortfall - passed_on if self.tally.measured else None
        price = self.demand.estate.prices.get(self.key.product)
        return Position(
            self.key,
            self.units() - self.units("not-active"),
            self.units("effective"),
            self.units("unproven"),
            required,
            sum(self._held(line) for line in self.lines),
            sum(max(0, line.units - self._held(line)) for line in self.lines if standing(line, self.on) == "effective"),
            shortfall,
            self.tally.unresolved,
            passed_on,
            self.received,
            self._statuses(required, shortfall),
            self._grade(),
            self.coverage,
            ceil(shortfall / price.pack) * price.amount if price and shortfall is not None else None,
            price.currency if price else "",
        )

    def _held(self, line: Entitlement) -> int:
        return sum(one.qty for one in self.demand.estate.open_of.get(line.id, ()))

    def _cover(self, *standings: str) -> Cover:
        counting = (line for line in self.lines if standing(line, self.on) in standings)
        spans = [span(line, self.demand.product, min(self.on, line.ends or self.on)) for line in counting]
        return cover(self.tally.ranks, spans)

    def _statuses(self, required: int | None, shortfall: int | None) -> tuple[str, ...]:
        if self.demand.product.category == "prohibited":
            return ("PROHIBITED",) if required or self.tally.unresolved else ("EXACT",)
        found = self._lacking(shortfall) if shortfall else set()
        found |= {"EXPIRING"} if self._expiring() else set()
        if required is None or not self._evaluated():
            found.add("NOT_EVALUATED")
        elif not shortfall:
            found.add("SURPLUS" if self.units("effective") > required else "EXACT")
        return tuple(status for status in VERDICTS if status in found)

    def _evaluated(self) -> bool:
        """Whether enough was looked at, and enough of what was seen could be placed; the same share for both."""
        if self.key.metric in UNSEEN:
            return True
        seen = self.tally.counted + self.tally.unresolved
        return self.coverage.enough and 100 * self.tally.counted >= ENOUGH * seen

    def _lacking(self, shortfall: int) -> set[str]:
        """What would help: proof, renewal, or only more licences."""
        found = set()
        if self._cover("effective", "unproven").shortfall < shortfall:
            found.add("UNPROVEN")
        if self._cover("effective", "ended").shortfall < shortfall:
            found.add("EXPIRED-IN-USE")
        if self._cover("effective", "unproven", "ended").shortfall:
            found.add("SHORT")
        return found

    def _expiring(self) -> bool:
        soon = self.on + timedelta(days=NOTICE)
        standing_now = (line for line in self.lines if standing(line, self.on) in ("effective", "unproven"))
        return any(line.notice_on is not None and line.notice_on <= soon for line in standing_now)

    def _grade(self) -> Grade:
        effective, unproven = self.units("effective"), self.units("unproven")
        proof = by_share("proof", effective, effective + unproven)
        if self.key.metric in UNSEEN:
            return Grade(proof=proof, freshness=by_age(self._measured_days_ago()))
        placed = by_share("coverage", self.tally.counted, self.tally.counted + self.tally.unresolved)
        read = by_share("coverage", self.coverage.inventoried, self.coverage.in_scope) or "D"
        return Grade(max(placed, read), self._recognition(), proof, by_age(self.coverage.age))

    def _recognition(self) -> str:
        """The worse of two shares: installations of a known release, and rows of its publisher that a rule knows."""
        ranks = self.demand.installed.ranks
        sure = sum(rank != UNKNOWN_RELEASE for rank in ranks.values())
        known, rows = self.demand.census.recognised(self.demand.product.publisher)
        return max(by_share("recognition", sure, len(ranks)), by_share("recognition", known, rows))

    def _measured_days_ago(self) -> int | None:
        usage = self.demand.estate.usage.get(self.key.product)
        declared = self.demand.estate.declared.get(self.key.product)
        if self.key.metric == "concurrent":
            return (self.on - usage.window[1].date()).days if usage else None
        return (self.on - declared.as_of).days if declared else None
