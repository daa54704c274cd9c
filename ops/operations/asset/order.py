"""An asset is ordered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing, today
from ops.adapters.register_words import day_text
from ops.change import Part
from ops.operation import operation


@operation
def order(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    supplier: Annotated[str, "who delivers it"],
    day: Annotated[date | None, "day of the order as YYYY-MM-DD; today if left out"] = None,
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down that a planned asset has been ordered."""
    known = thing(register, "asset", tag)
    ordered = day_text(day) or known.get("ordered") or today()
    yield from altered(f"asset:{tag}", known, why, state="ordered", supplier=supplier, ordered=ordered)
