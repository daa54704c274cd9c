"""Give a starter seats of several licences at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import Entry, RegisterReader, entered, thing, today
from ops.adapters.register_words import holder_ref
from ops.change import Part
from ops.operation import operation
from ops.params import Names


@operation
def hand_out(
    register: RegisterReader,
    to: Annotated[str, "logon name of who gets them"],
    licences: Annotated[Names, "names of the licences, such as m365-2026"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Give one person a seat of each licence; where none is left, nobody gets any."""
    holder = holder_ref(to)
    for key in licences:
        thing(register, "entitlement", key)
        ref, known = f"seat:{key}/{holder}", register.read(f"seat:{key}/{holder}")
        fields = {"entitlement": key, "holder": holder, "quantity": "1", "since": today()}
        if known is None:
            yield entered(ref, fields, why)
        elif known.get("until"):
            yield Entry(ref, known, {**fields, **({"why": why} if why else {})}, why)
