"""Enter a consumable or a spare part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered
from ops.change import Part
from ops.operation import operation
from ops.params import parse_amount


@operation
def add(
    register: RegisterReader,
    key: Annotated[str, "a short name, such as toner-26x"],
    name: Annotated[str, "what it is, such as 'Toner black HP 26X'"],
    on_hand: Annotated[str, "how many there are"] = "0",
    reorder_at: Annotated[str, "how many are too few"] = "",
    unit_cost: Annotated[str, "price of one, such as 89.00"] = "",
    currency: Annotated[str, "three letters, such as EUR"] = "",
    site: Annotated[str, "where, such as Leith"] = "",
    location: Annotated[str, "where there, such as Cupboard 2"] = "",
    fits: Annotated[str, "models it is for"] = "",
    supplier: Annotated[str, "who sells it"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Enter something that is used up or kept as a spare; the same again corrects what is known of it."""
    given = {
        "name": name,
        "reorder_at": reorder_at,
        "unit_cost": parse_amount(unit_cost),
        "currency": currency,
        "site": site,
        "location": location,
        "fits": fits,
        "supplier": supplier,
    }
    known = register.read(f"consumable:{key}")
    if known is None:
        yield entered(f"consumable:{key}", given | {"on_hand": on_hand}, why)
    else:
        yield from altered(f"consumable:{key}", known, why, **{word: text for word, text in given.items() if text})
