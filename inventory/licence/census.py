"""One pass over all installations. What licences need is kept by product and asset; all else is counted and listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar

from inventory.licence.model import (
    COUNTED,
    UNKNOWN_RELEASE,
    Allocation,
    Declared,
    Device,
    Entitlement,
    Exemption,
    Hardware,
    Installation,
    ListPrice,
    Product,
    Usage,
)
from inventory.licence.naming import normal
from inventory.licence.recognition import Recogniser, Recognition

T = TypeVar("T")


@dataclass(frozen=True)
class Estate:
    """All that a position is computed from on one day, but for the installations, which stream.

    ``assignments``: accounts a cloud service lists for a product. ``persons``: account to person. ``usage``,
    ``declared`` and ``prices`` are by product; a product that ``usage`` lacks was not measured.
    """

    as_of: date
    products: Mapping[str, Product]
    devices: Mapping[str, Device]
    entitlements: tuple[Entitlement, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    hardware: Mapping[str, Hardware] = field(default_factory=dict)
    usage: Mapping[str, Usage] = field(default_factory=dict)
    assignments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    declared: Mapping[str, Declared] = field(default_factory=dict)
    persons: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, ListPrice] = field(default_factory=dict)

    @cached_property
    def lines_of(self) -> Mapping[str, tuple[Entitlement, ...]]:
        """Entitlements by product."""
        return _by(self.entitlements, lambda line: line.product)

    @cached_property
    def open_of(self) -> Mapping[str, tuple[Allocation, ...]]:
        """Allocations open on the day, by entitlement."""
        return _by((one for one in self.allocations if one.open_on(self.as_of)), lambda one: one.entitlement)

    @cached_property
    def exemptions_of(self) -> Mapping[str, tuple[Exemption, ...]]:
        """Exemptions in force on the day, by product."""
        return _by((one for one in self.exemptions if self.as_of < one.expires), lambda one: one.product)


def _by(things: Iterable[T], key: Callable[[T], str]) -> dict[str, tuple[T, ...]]:
    found: dict[str, list[T]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing)
    return {name: tuple(group) for name, group in found.items()}


@dataclass
class Installed:
    """One product: its newest release by asset, installations by asset, and by user where it is a user's own.

    ``users`` has an asset only where an installation is a user's own; ``""`` in it stands for what the machine has.
    ``elsewhere`` are assets the register lacks or that are
    not live.
    """

    ranks: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    users: dict[str, dict[str, int]] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)

    def add(self, row: Installation, rank: int) -> None:
        """Take one row into account."""
        owner = row.user if row.scope == "user" else ""
        if owner or row.asset in self.users:
            shared = {"": self.ranks[row.asset]} if row.asset in self.ranks else {}
            mine = self.users.setdefault(row.asset, shared)
            mine[owner] = newest(rank, mine.get(owner))
        self.ranks[row.asset] = newest(rank, self.ranks.get(row.asset))
        self.rows[row.asset] = self.rows.get(row.asset, 0) + 1


@dataclass
class Census:
    """What one pass found. ``dropped`` counts rows that need no licence by category, ``unrecognised`` those unknown.

    ``known_rows`` are by publisher as the catalogue spells it, ``unknown_rows`` as the rows do.
    """

    installed: dict[str, Installed] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    unrecognised: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    known_rows: Counter[str] = field(default_factory=Counter)
    unknown_rows: Counter[str] = field(default_factory=Counter)
    spellings: dict[str, set[str]] = field(default_factory=dict)
    rows: int = 0

    def recognised(self, publisher: str) -> tuple[int, int]:
        """Rows of one publisher that a rule knows, and all of them, by every spelling its products were found under."""
        names = self.spellings.get(publisher, set()) | {normal(publisher, "").publisher}
        known = self.known_rows[publisher]
        return known, known + sum(self.unknown_rows[name] for name in names if name)

    def of(self, product: str) -> Installed:
        """What was found of one product."""
        return self.installed.get(product, Installed())

    def suites_on(self, product: Product, asset: str) -> str:
        """The suite on an asset that a product counts as, or empty."""
        return next((suite for suite in product.suites if asset in self.of(suite).ranks), "")

    def unknown_names(self) -> list[tuple[str, str, str, int]]:
        """Rows no rule knows, most frequent first: publisher, name, version as found, installations."""
        listed = ((*key, count) for key, count in self.unrecognised.items())
        return sorted(listed, key=lambda row: (-row[3], row))


def newest(rank: int, other: int | None) -> int:
    """The higher of two ranks; one that is not known is the newest, since no licence can be shown to cover it."""
    if other is None or rank == UNKNOWN_RELEASE:
        return rank
    return other if other == UNKNOWN_RELEASE else max(rank, other)


@dataclass(slots=True)
class _Kind:
    """One spelling of publisher, name and version: what it is, where it is kept if it is, and how many rows it has."""

    known: Recognition
    installed: Installed | None
    rows: int = 0


def census(rows: Iterable[Installation], recogniser: Recogniser, estate: Estate) -> Census:
    """Go through all installations once. A free product somebody bought a licence for is kept like a licensed one."""
    found, kinds = Census(), dict[tuple[str, str, str], _Kind]()
    devices, kept = estate.devices, _kept(recogniser, estate)
    for row in rows:
        name = row[1:4]
        kind = kinds.get(name)
        if kind is None:
            known = recogniser(row)
            installed = found.installed.setdefault(known.product, Installed()) if known.product in kept else None
            kind = kinds[name] = _Kind(known, installed)
        kind.rows += 1
        if kind.installed is None:
            continue
        device = devices.get(row.asset)
        if device is not None and device.live:
            kind.installed.add(row, kind.known.rank)
        else:
            kind.installed.elsewhere[row.asset] = "not-registered" if device is None else "not-live"
    for name, kind in kinds.items():
        _count(found, name, kind, recogniser.catalogue.products)
    return found


def _kept(recogniser: Recogniser, estate: Estate) -> set[str]:
    bought = {line.product for line in estate.entitlements}
    return {id_ for id_, one in recogniser.catalogue.products.items() if one.category in COUNTED} | bought


def _count(found: Census, name: tuple[str, str, str], kind: _Kind, products: Mapping[str, Product]) -> None:
    """What all rows of one spelling add to the numbers."""
    found.rows += kind.rows
    if not kind.known.product:
        found.unrecognised[name] += kind.rows
        found.unknown_rows[kind.known.name.publisher] += kind.rows
        return
    product = products[kind.known.product]
    found.known_rows[product.publisher] += kind.rows
    found.spellings.setdefault(product.publisher, set()).add(kind.known.name.publisher)
    if kind.installed is None:
        found.dropped[product.category] += kind.rows
