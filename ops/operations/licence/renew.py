"""Renew a licence for another term."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.adapters.register_words import day_text, file_sha256
from ops.change import Part
from ops.errors import InvalidRequest
from ops.operation import operation
from ops.params import parse_amount


@operation
def renew(
    register: RegisterReader,
    key: Annotated[str, "short name of the licence, such as m365-2026"],
    ends: Annotated[date | None, "first day without it as YYYY-MM-DD, or never"],
    quantity: Annotated[str, "how many packs now; as before if left out"] = "",
    unit_cost: Annotated[str, "price of a pack now; as before if left out"] = "",
    proof: Annotated[str, "the new invoice or contract as a file; its SHA-256 is kept"] = "",
    invoice: Annotated[str, "number of the invoice"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Let a licence end later, and change how many there are. What it was before stays in its history.

    Fewer than are given out is refused: ops licence reclaim takes seats back first.
    """
    known = thing(register, "entitlement", key)
    if ends and day_text(ends) < known.get("ends", ""):
        raise InvalidRequest(f"{key} ends on {known['ends']} already", hint="give a later day, or: ops licence end")
    new = {"ends": day_text(ends), "quantity": quantity, "unit_cost": parse_amount(unit_cost), "invoice": invoice}
    given = {name: text for name, text in new.items() if text or name == "ends"}
    signed = {"proof": file_sha256(proof)} if proof else {}
    yield from altered(f"entitlement:{key}", known, why, **given, **signed)
