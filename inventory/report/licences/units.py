"""Money and words about licences that every sheet says in the same way."""

from __future__ import annotations

from decimal import Decimal

from inventory.currency import places
from inventory.licence.census import Estate
from inventory.licence.model import site_of
from inventory.report.money import Money


def amount(minor: int | None, currency: str) -> Money | None:
    """Minor units as money; nothing where the amount or the currency is not known."""
    return Money(Decimal(minor).scaleb(-places(currency)), currency) if minor is not None and currency else None


def name(estate: Estate, product: str) -> str:
    """What a product is called."""
    one = estate.products.get(product)
    return " ".join(filter(None, (one.name, one.edition))) if one else product


def counted_by(metric: str, scope: str) -> str:
    """What a product is counted by, and where, if not in the whole organisation."""
    site = site_of(scope)
    return metric.replace("-", " ") + (f", {site}" if site else "")
