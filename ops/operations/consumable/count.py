"""Correct how many of a consumable there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.adapters.register_words import number
from ops.change import Part
from ops.operation import operation


@operation
def count(
    register: RegisterReader,
    key: Annotated[str, "its short name, such as toner-26x"],
    on_hand: Annotated[str, "how many were counted"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down how many were counted; the history keeps the difference."""
    known = thing(register, "consumable", key)
    yield from altered(f"consumable:{key}", known, why, on_hand=str(number("on_hand", on_hand, least=0)))
