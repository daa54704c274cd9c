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

APPROVAL = ("approved_by", "over", "over_until")


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
    thing(register, "entitlement", key)
    ref = f"seat:{key}/{holder}"
    fields = {"entitlement": key, "holder": holder, "quantity": str(number("quantity", quantity)), "why": why}
    if approved_by:
        fields |= {"approved_by": approved_by, "over": fields["quantity"], "over_until": day_text(over_until)}
    before = register.read(ref)
    if before is None:
        yield entered(ref, fields | {"since": today()}, why)
    elif any(before.get(name, "") != fields.get(name, "") for name in ("until", "quantity", *APPROVAL)):
        since = today() if before.get("until") else before["since"]
        yield Entry(ref, before, normal("seat", fields | {"since": since}), why)
