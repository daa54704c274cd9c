"""Take some of a consumable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, thing
from ops.adapters.register_words import counted, number
from ops.change import Part
from ops.operation import operation


@operation
def take(
    register: RegisterReader,
    key: Annotated[str, "its short name, such as toner-26x"],
    quantity: Annotated[str, "how many"] = "1",
    asset: Annotated[str, "tag of the asset it goes into"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Take some out of stock; more than there are is refused. Two who take the last one at once: one gets it."""
    known = thing(register, "consumable", key)
    if asset:
        thing(register, "asset", asset)
    yield counted(f"consumable:{key}", known, -number("quantity", quantity), " for ".join(filter(None, (why, asset))))
