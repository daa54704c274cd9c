"""Reading a catalogue of products and recognition rules from YAML, every mistake named with its place."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from inventory.licence.model import Product, Release
from inventory.licence.recognition import Catalogue, Example, Rule
from ops.errors import InvalidRequest
from ops.strictyaml import parse

SHIPPED = Path(__file__).with_name("recognition.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Release(_Strict):
    version: str
    released: date | None = None
    support_ends: date | None = None


class _Product(_Strict):
    publisher: str
    name: str
    edition: str = ""
    category: str = "licensed"
    suites: list[str] = []
    releases: list[_Release] = []
    metric: str = "device"
    params: dict[str, str] = {}


class _Example(_Strict):
    name: str
    publisher: str = ""
    version: str = ""
    release: str = ""


class _Rule(_Strict):
    id: str
    priority: int
    publisher: str
    name: str
    product: str
    releases: dict[str, str] = {}
    found: list[_Example] = Field(alias="is", default=[])
    not_found: list[_Example] = Field(alias="is_not", default=[])

    @field_validator("publisher", "name")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"is no pattern: {error}") from None
        return pattern


class _File(_Strict):
    products: dict[str, _Product] = {}
    rules: list[_Rule] = []


@cache
def shipped() -> Catalogue:
    """The catalogue that comes with the programme."""
    return read(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)


def read(text: str, source: str) -> Catalogue:
    """The catalogue in a text; ``source`` is how messages call it. Raise ``InvalidRequest`` for any mistake.

    Releases of a product are listed oldest first; their rank is their place in the list, from 1.
    """
    file = parse(text, _File, source)
    products = {id_: _product(id_, one) for id_, one in file.products.items()}
    _agree(file, products, source)
    return Catalogue(products, tuple(_rule(one) for one in file.rules))


def merged(below: Catalogue, above: Catalogue) -> Catalogue:
    """Two catalogues as one: a product or rule of ``above`` replaces the one of its id ``below``."""
    rules = {rule.id: rule for rule in (*below.rules, *above.rules)}
    return Catalogue({**below.products, **above.products}, tuple(rules.values()))


def _product(id_: str, one: _Product) -> Product:
    releases = tuple(
        Release(each.version, rank, each.released, each.support_ends) for rank, each in enumerate(one.releases, 1)
    )
    named: dict[str, Any] = one.model_dump(exclude={"suites", "releases"})
    return Product(id_, suites=tuple(one.suites), releases=releases, **named)


def _rule(one: _Rule) -> Rule:
    found, not_found = (tuple(Example(**e.model_dump()) for e in part) for part in (one.found, one.not_found))
    return Rule(one.id, one.priority, one.publisher, one.name, one.product, one.releases, found, not_found)


def _agree(file: _File, products: dict[str, Product], source: str) -> None:
    """Rules lead to products there are, to releases those have, and no two share an id; suites exist."""
    seen: set[str] = set()
    for rule in file.rules:
        if rule.id in seen:
            raise InvalidRequest(f"{source}: two rules are called {rule.id}", hint="rename one of them")
        seen.add(rule.id)
        if rule.product not in products:
            raise InvalidRequest(
                f"{source}: {rule.id} leads to {rule.product}, which is no product", hint="add it below products"
            )
        for release in rule.releases.values():
            if products[rule.product].rank_of(release) is None:
                hint = f"add it to the releases of {rule.product}"
                raise InvalidRequest(f"{source}: {rule.id} leads to the release {release}, which is none", hint=hint)
    for id_, product in products.items():
        for suite in product.suites:
            if suite not in products:
                raise InvalidRequest(f"{source}: {id_} is part of {suite}, which is no product", hint="add it too")
