"""Take an asset out of use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.change import Part
from ops.operation import operation


@operation
def retire(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    location: Annotated[str, "where it waits; as before if left out"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Take an asset out of use for good; next its media are wiped, and then it may leave.

    ops asset sanitise, ops asset dispose.
    """
    known = thing(register, "asset", tag)
    if known["state"] in ("sanitised", "disposed"):
        return
    new = {"state": "retired"} | ({"location": location} if location else {})
    yield from altered(f"asset:{tag}", known, why, **new)
