"""An asset is delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing, today
from ops.adapters.register_words import day_text
from ops.change import Part
from ops.operation import operation


@operation
def receive(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    serial: Annotated[str, "serial number, as printed on it"] = "",
    location: Annotated[str, "where it was put"] = "",
    day: Annotated[date | None, "day it came as YYYY-MM-DD; today if left out"] = None,
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down that a planned or ordered asset has come; what is written on it is kept."""
    known = thing(register, "asset", tag)
    new = {"received": day_text(day) or known.get("received") or today()}
    new |= {"serial": serial} if serial else {}
    new |= {"location": location} if location else {}
    yield from altered(f"asset:{tag}", known, why, state="received", **new)
