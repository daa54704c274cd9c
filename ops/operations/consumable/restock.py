"""Fill up a consumable, and write down what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated

from ops.adapters.register import RegisterReader, thing
from ops.adapters.register_words import bought, counted, number
from ops.change import Part
from ops.operation import operation
from ops.params import parse_amount


@operation
def restock(
    register: RegisterReader,
    key: Annotated[str, "its short name, such as toner-26x"],
    quantity: Annotated[str, "how many came"],
    budget: Annotated[str, "the budget that pays, such as it/2026"] = "",
    unit_cost: Annotated[str, "price of one, if it is another now"] = "",
    invoice: Annotated[str, "number of the invoice"] = "",
    day: Annotated[date | None, "day as YYYY-MM-DD; today if left out"] = None,
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Add what came to the stock; with a budget the cost is booked on it too."""
    known = thing(register, "consumable", key)
    came = number("quantity", quantity)
    new = {"unit_cost": parse_amount(unit_cost)} if unit_cost else {}
    price = new.get("unit_cost") or known.get("unit_cost", "")
    yield counted(f"consumable:{key}", known, came, why, **new)
    if budget and price:
        cost = {"amount": str(Decimal(price) * came), "currency": known["currency"]}
        more = {"invoice": invoice, "consumable": key}
        yield bought(register, budget, cost, f"{came} x {known['name']}", day, **more)
