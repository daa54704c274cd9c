"""Money and words about licences that every sheet says in the same way."""

from __future__ import annotations

from decimal import Decimal

from inventory.currency import places
from inventory.licence.census import Estate
from inventory.report.money import Money


def amount(minor: int | None, currency: str) -> Money | None:
    """Minor units as money; nothing where the amount or the currency is not known."""
    return Money(Decimal(minor).scaleb(-places(currency)), currency) if minor is not None and currency else None


def name(estate: Estate, product: str) -> str:
    """What a product is called."""
    one = estate.products.get(product)
    return " ".join(filter(None, (one.name, one.edition))) if one else product


def holder(text: str) -> str:
    """Who has a seat, without the word person."""
    return text.removeprefix("person:")
