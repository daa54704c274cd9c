"""What one product needs, line by line: each unit that counts and each that does not, with the rule that decided.

The lines are the computation: a position adds up what is counted here, and prints the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from inventory.licence.census import Census, Estate, Installed
from inventory.licence.cover import standing
from inventory.licence.model import (
    ORG,
    SITE,
    UNKNOWN_RELEASE,
    Allocation,
    Device,
    Entitlement,
    Exemption,
    Product,
    site_of,
)

RULES: Mapping[str, str] = {
    "device": "a live asset with at least one installation counts once",
    "named-user": "a person counts once, however many accounts and devices",
    "concurrent": "the most sessions open at once in the window",
    "instance": "each installation counts",
    "site": "each site where it is present counts once",
    "enterprise": "present anywhere counts once for all",
    "core": "cores of the host or virtual machine, at least the vendor's minimums",
    "cal": "the declared or directory count",
    "not-live": "the asset is not live",
    "not-registered": "the register does not have the asset",
    "exempt": "an exemption is in force",
    "suite": "part of a suite that is installed there, and counts as it",
    "second-use": "a portable device of a user whose other device counts, by second use",
    "other-metric": "counted under another metric",
    "other-scope": "counted in another scope",
    "no-user": "nobody is known to use it",
    "no-site": "its site is not known",
    "no-hardware": "its processors are not known",
    "not-measured": "nothing was measured or declared",
    "passed-on": "beyond the site's own, so the organisation's lines are asked",
    "received": "from a site whose own lines do not reach",
    "effective": "active, in force and proven",
    "unproven": "no proof is on file",
    "not-active": "the line is not active",
    "not-started": "the line has not started",
    "ended": "the line has ended",
    "prohibited": "must not be installed at all",
}
UNRESOLVED = frozenset({"not-registered", "no-user", "no-site", "no-hardware", "not-measured"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a derivation. ``side`` is entitlement or demand; ``rule`` is a key of ``RULES``."""

    side: str
    subject: str
    counted: bool
    units: int
    rule: str
    because: str = ""
    rank: int = 0


@dataclass(frozen=True)
class Key:
    """What a position is of."""

    product: str
    metric: str
    scope: str = ORG


class Demand:
    """The demand for one product: which metric and which scope each unit belongs to."""

    def __init__(self, estate: Estate, census: Census, product: Product) -> None:
        self.estate, self.census, self.product = estate, census, product
        self.lines = estate.lines_of.get(product.id, ())
        self.installed: Installed = census.of(product.id)

    @cached_property
    def on_books(self) -> tuple[Entitlement, ...]:
        """Lines on the books that say by which metric and in which scope to count."""
        return tuple(line for line in self.lines if line.state == "active")

    @cached_property
    def effective(self) -> tuple[Entitlement, ...]:
        """Lines that count today."""
        return tuple(line for line in self.lines if standing(line, self.estate.as_of) == "effective")

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The metrics of its entitlements; all that no allocation places is counted by the first.

        That is an enterprise licence in force, else the product's own metric, else the one with the most units.
        """
        units: dict[str, int] = {}
        for line in self.on_books:
            units[line.metric] = units.get(line.metric, 0) + line.units
        whole = {line.metric for line in self.effective if line.metric == "enterprise"}
        own = self.product.metric
        return tuple(sorted(units, key=lambda one: (one not in whole, one != own, -units[one], one))) or (own,)

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """Its positions: sites with lines of their own, then the whole organisation."""
        sites = {(line.metric, line.scope) for line in self.on_books if line.scope != ORG}
        keys = [Key(self.product.id, metric, scope) for metric, scope in sorted(sites)]
        return (*keys, *(Key(self.product.id, metric) for metric in self.metrics))

    def params(self, key: Key) -> Mapping[str, str]:
        """Parameters of the metric: those of the product, overlaid by the newest entitlement's."""
        lines = [one for one in self.on_books if (one.metric, one.scope) == (key.metric, key.scope)]
        newest_first = sorted(lines, key=lambda one: (one.starts, one.id), reverse=True)
        return next((one.metric_params for one in newest_first if one.metric_params), self.product.params)

    def second_uses(self, key: Key) -> int:
        """How many further devices the effective lines of a position allow their users."""
        lines = (one for one in self.effective if (one.metric, one.scope) == (key.metric, key.scope))
        return sum(line.units for line in lines if line.second_use)

    def placed(self, key: Key) -> Iterator[tuple[str, int]]:
        """Assets with their newest release that count in this position."""
        return ((asset, rank) for asset, rank in self.installed.ranks.items() if not self.reason(asset, key))

    def excluded(self, key: Key) -> Iterator[Line]:
        """Installed assets that do not count in this position, each with the reason."""
        for asset in self.installed.ranks:
            if reason := self.reason(asset, key):
                yield Line("demand", f"asset:{asset}", False, 1, *reason)

    def reason(self, asset: str, key: Key) -> tuple[str, str] | None:
        """Why an asset with the product does not count in a position; None when it does."""
        device = self.estate.devices[asset]
        if (scope := self.scope(device.site, key.metric)) != key.scope:
            return "other-scope", scope
        if (metric := self._metric(device)) != key.metric:
            return "other-metric", metric
        if one := self._exemptions.get(f"asset:{asset}"):
            return "exempt", f"{one.why}, approved by {one.approver} until {one.expires}"
        if suite := self.census.suites_on(self.product, asset):
            return "suite", suite
        return None

    def rank(self, rank: int) -> int:
        """A release that could not be told is taken for the newest."""
        return (self.product.ranks or (0,))[-1] if rank == UNKNOWN_RELEASE else rank

    def person(self, account: str) -> str:
        """The person an account belongs to."""
        return self.estate.persons.get(account, account)

    def exempt_person(self, person: str) -> Exemption | None:
        """The exemption of a person, if one is in force."""
        return self._exemptions.get(f"person:{person}")

    @cached_property
    def open(self) -> tuple[tuple[Entitlement, Allocation], ...]:
        """Open allocations of its entitlements."""
        return tuple((line, one) for line in self.lines for one in self.estate.open_of.get(line.id, ()))

    @cached_property
    def _exemptions(self) -> dict[str, Exemption]:
        return {one.holder: one for one in self.estate.exemptions_of.get(self.product.id, ())}

    @cached_property
    def _metric_by_holder(self) -> dict[str, str]:
        return {one.holder: line.metric for line, one in self.open if line.state == "active"}

    @cached_property
    def _sites(self) -> frozenset[tuple[str, str]]:
        return frozenset((line.metric, site_of(line.scope)) for line in self.on_books if line.scope != ORG)

    def _metric(self, device: Device) -> str:
        if len(self.metrics) == 1:
            return self.metrics[0]
        held = self._metric_by_holder
        person = f"person:{self.person(device.primary_user)}"
        return held.get(f"asset:{device.tag}") or held.get(person) or self.metrics[0]

    def scope(self, site: str, metric: str) -> str:
        """The scope that something at a site is counted in: the site's own if it has lines, else the organisation."""
        return SITE + site if (metric, site) in self._sites else ORG

    def elsewhere(self, key: Key) -> Iterator[Line]:
        """Installations on assets that the register lacks or that are not live, told once, in the main position."""
        if key == self.keys[-len(self.metrics)]:
            for asset, rule in sorted(self.installed.elsewhere.items()):
                yield Line("demand", f"asset:{asset}", False, 1, rule)
