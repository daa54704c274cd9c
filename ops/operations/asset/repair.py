"""Send an asset to repair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.adapters.register_words import FREED
from ops.change import Part
from ops.operation import operation


@operation
def repair(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    repair_with: Annotated[str, "who repairs it"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down that an asset is with somebody who repairs it; nobody has it meanwhile.

    What was wrong: ops asset log-failure. When it is back: ops asset check-in, or check-out.
    """
    known = thing(register, "asset", tag)
    new = {**FREED} | {"state": "in_repair", "repair_with": repair_with, "condition": "broken"}
    yield from altered(f"asset:{tag}", known, why, **new)
