"""Book something on a budget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader
from ops.adapters.register_words import spent
from ops.change import Part
from ops.operation import operation
from ops.params import parse_amount


@operation
def spend(
    register: RegisterReader,
    budget: Annotated[str, "department and year, such as it/2026"],
    amount: Annotated[str, "how much, such as 129.90"],
    what: Annotated[str, "for what"],
    day: Annotated[date | None, "day as YYYY-MM-DD; today if left out"] = None,
    invoice: Annotated[str, "number of the invoice"] = "",
    asset: Annotated[str, "tag of the asset it was for"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Book what was spent; the same day, amount, purpose and invoice again is the same booking."""
    yield from spent(register, budget, parse_amount(amount), what, day, why, invoice=invoice, asset=asset)
