"""Keep a count that no inventory can show, such as of client access licences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered, today
from ops.change import Part
from ops.errors import NotFound, Refused
from ops.operation import operation


@operation
def declare(
    register: RegisterReader,
    product: Annotated[str, "such as microsoft.windows-server-cal"],
    quantity: Annotated[str, "how many are needed"],
    source: Annotated[str, "who says so, and how it was counted"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Declare how many are needed, where installations cannot tell it; until then the position is UNKNOWN."""
    if product not in register.products:
        raise NotFound(f"there is no product {product}", hint="ops licence products lists them")
    metrics = {one["metric"] for one in register.find("entitlement", product=product).values()}
    if "cal" not in (metrics or {register.products[product].metric}):
        raise Refused(
            f"{product} is counted from seats and installations", hint="only client access licences are declared"
        )
    ref, fields = f"declared:{product}", {"product": product, "quantity": quantity, "source": source}
    known = register.read(ref)
    if known is None:
        yield entered(ref, fields | {"counted_on": today()}, why)
    elif any(known[name] != text for name, text in fields.items()):
        yield from altered(ref, known, why, **fields, counted_on=today())
