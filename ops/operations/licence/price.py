"""Keep what a product would cost today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered
from ops.change import Part
from ops.errors import NotFound
from ops.operation import operation
from ops.params import parse_amount


@operation
def price(
    register: RegisterReader,
    product: Annotated[str, "such as microsoft.365-apps"],
    amount: Annotated[str, "list price of a pack, such as 150.00"],
    currency: Annotated[str, "three letters, such as EUR"],
    pack: Annotated[str, "seats, or cores, in a pack"] = "1",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Keep the list price: what is short is told in money then."""
    if product not in register.products:
        raise NotFound(f"there is no product {product}", hint="ops licence products lists them")
    ref, money = f"price:{product}", {"amount": parse_amount(amount), "currency": currency}
    fields = {"product": product, **money, "pack": pack}
    known = register.read(ref)
    yield from [entered(ref, fields, why)] if known is None else altered(ref, known, why, **fields)
