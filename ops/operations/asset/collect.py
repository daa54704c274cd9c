"""Get back what somebody has, as when they leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing, today
from ops.adapters.register_words import FREED, holder_ref
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation
from ops.params import Names


@operation
def collect(
    register: RegisterReader,
    holder: Annotated[str, "logon name of who has them"],
    returned: Annotated[Names, "tags of those that have come back"] = (),
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Check in what has come back, and ask for the rest from today on: it stays with its holder, and is due.

    Until it is back, ops audit run estate.register names it every day.
    """
    who = holder_ref(holder)
    for tag in returned:
        known = thing(register, "asset", tag)
        if known.get("holder", who) != who:
            hint = "leave it out, or correct the register first"
            raise Refused(f"{tag} is with {known['holder'].partition(':')[2]}, not with {holder}", hint=hint)
        if known.get("holder"):
            yield from altered(f"asset:{tag}", known, why, **{**FREED, "state": "in_stock"})
    for ref, known in register.find("asset", holder=who).items():
        if ref.partition(":")[2] not in returned and not known.get("due"):
            yield from altered(ref, known, why, due=today())
