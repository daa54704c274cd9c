"""Correct what the register says of an asset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.adapters.register_words import not_by_hand, typed
from ops.change import Part
from ops.operation import operation
from ops.params import Pairs


@operation
def correct(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    fields: Annotated[Pairs, "fields as NAME=VALUE; an empty value takes a field away"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Correct fields of an asset: ops asset correct LAP-0001 location="Room 3" cost=1299.00.

    Who has it and in which state it is are not corrected, they change by what happens to it.
    """
    new = typed("asset", fields)
    not_by_hand(new)
    yield from altered(f"asset:{tag}", thing(register, "asset", tag), why, **new)
