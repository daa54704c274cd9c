"""Give somebody a seat."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from inventory.register.fields import normal
from ops.adapters.register import Entry, RegisterReader, entered, thing, today
from ops.adapters.register_words import day_text, known_holder, number
from ops.change import Part
from ops.operation import operation


@operation
def allocate(
    register: RegisterReader,
    key: Annotated[str, "short name of the licence, such as m365-2026"],
    to: Annotated[str, "logon name of who gets it, or asset:LAP-0001"],
    quantity: Annotated[str, "how many seats"] = "1",
    approved_by: Annotated[str, "who answers for giving out more than there are"] = "",
    over_until: Annotated[date | None, "and until when, as YYYY-MM-DD"] = None,
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Give a person or an asset a seat. More than there are is refused, unless somebody answers for it until a day.

    Two people who take the last seat at once: one gets it, the other is told.
    """
    holder = known_holder(register, to)
    known = thing(register, "entitlement", key)
    ref = f"seat:{key}/{holder}"
    fields = {"entitlement": key, "holder": holder, "quantity": str(number("quantity", quantity)), "why": why}
    if approved_by:
        over = register.find("seat", entitlement=key).values()
        held = sum(int(one["quantity"]) for one in over if not one.get("until") and one["holder"] != holder)
        owned = int(known["quantity"]) * int(known.get("pack_size", "1")) if known.get("proof") else 0
        more = max(1, held + int(quantity) - owned)
        fields |= {"approved_by": approved_by, "over": str(more), "over_until": day_text(over_until)}
    before = register.read(ref)
    if before is None:
        yield entered(ref, fields | {"since": today()}, why)
    elif before.get("until") or before["quantity"] != fields["quantity"]:
        since = today() if before.get("until") else before["since"]
        yield Entry(ref, before, normal("seat", fields | {"since": since}), why)
