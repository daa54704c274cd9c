"""A small company's software, built by a few words, for the tests of licences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from inventory.licence.census import Census, Estate, census
from inventory.licence.demand import Line
from inventory.licence.model import Device, Entitlement, Installation, Product, Release
from inventory.licence.position import Position, derivation, positions
from inventory.licence.recognition import Catalogue, Recogniser, Rule

D = date(2026, 11, 22)
DRAW = Product("draw", "Acme", "Draw")
SUITE = Product("suite", "Acme", "Suite")
PART = Product("part", "Acme", "Part", suites=("suite",))
OLD_AND_NEW = Product("cad", "Acme", "Cad", releases=(Release("1", 1), Release("2", 2), Release("3", 3)))
BANNED = Product("banned", "Rogue", "Banned", category="prohibited")
FREE = Product("free", "Acme", "Free", category="free")
PRODUCTS = {one.id: one for one in (DRAW, SUITE, PART, OLD_AND_NEW, BANNED, FREE)}


def entitlement(product: str = "draw", qty: int = 1, **fields: object) -> Entitlement:
    """A proven line of the product's own metric, perpetual unless told otherwise."""
    metric = PRODUCTS[product].metric if product in PRODUCTS else "device"
    given = {"id": "E1", "metric": metric, "starts": date(2024, 1, 1), "proof": "ab"}
    return Entitlement(product=product, qty=qty, **{**given, **fields})  # type: ignore[arg-type]


def devices(*tags: str, **fields: object) -> dict[str, Device]:
    """Live assets read yesterday, each with a user of its own: amy of LAP-amy."""
    found = {tag: Device(tag, inventoried_on=date(2026, 11, 21), primary_user=tag[4:]) for tag in tags}
    return {tag: replace(device, **fields) for tag, device in found.items()}  # type: ignore[arg-type]


def on(*tags: str, product: str = "draw", version: str = "", **fields: object) -> list[Installation]:
    """The product installed on these assets."""
    one = PRODUCTS[product]
    return [Installation(tag, one.publisher, one.name, version, **fields) for tag in tags]  # type: ignore[arg-type]


def estate(known: dict[str, Device], *lines: Entitlement, **fields: object) -> Estate:
    """The company on one day."""
    return Estate(**{"as_of": D, "products": PRODUCTS, "devices": known, "entitlements": lines, **fields})  # type: ignore[arg-type]


def recogniser(products: Mapping[str, Product] = PRODUCTS) -> Recogniser:
    """Each product by its own name; a version is its release."""
    rules = tuple(
        Rule(id_, 1, one.publisher.lower(), one.name.lower(), id_, {r.version: r.version for r in one.releases})
        for id_, one in products.items()
    )
    return Recogniser(Catalogue(products, rules))


def counted(company: Estate, rows: Iterable[Installation]) -> Census:
    """One pass over the installations."""
    return census(rows, recogniser(company.products), company)


def all_positions(company: Estate, rows: Iterable[Installation] = ()) -> list[Position]:
    """Every position."""
    return list(positions(company, counted(company, rows)))


def the_position(company: Estate, rows: Iterable[Installation] = ()) -> Position:
    """The only position there is."""
    (found,) = all_positions(company, rows)
    return found


def why(company: Estate, rows: Iterable[Installation], at: int = 0) -> list[Line]:
    """The lines of demand of one position."""
    found = counted(company, rows)
    position = list(positions(company, found))[at]
    return [line for line in derivation(company, found, position) if line.side == "demand"]


def reasons(company: Estate, rows: Iterable[Installation], at: int = 0) -> dict[str, str]:
    """What is not counted, with its rule."""
    return {line.subject: line.rule for line in why(company, rows, at) if not line.counted}
