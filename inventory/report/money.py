"""Amounts of money: a decimal and an ISO 4217 currency, never mixed, never rounded behind one's back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from inventory.currency import places
from ops.errors import InvalidRequest

CODE = re.compile("[A-Z]{3}")
AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class Money:
    """An amount in a currency, at most as fine as the currency's minor unit."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Raise ``InvalidRequest`` for what is no currency or finer than it allows."""
        if not self.amount.is_finite() or self.amount != round(self.amount, _places(self.currency)):
            hint = f"{self.currency} has {places(self.currency)} decimals; round first"
            raise InvalidRequest(f"{self.amount} {self.currency} is no amount of money", hint=hint)


@cache
def _places(currency: str) -> int:
    if not CODE.fullmatch(currency):
        raise InvalidRequest(f"{currency!r} is no currency", hint="use its three letters, such as EUR")
    return places(currency)


def money(amount: str, currency: str) -> Money | None:
    """An amount from two texts of the register; nothing if no amount is known. Raise ``InvalidRequest``."""
    if not amount:
        return None
    if not AMOUNT.fullmatch(amount):
        raise InvalidRequest(f"{amount!r} is no amount", hint="write it with a point and no blanks, such as 1299.00")
    return Money(Decimal(amount), currency)
