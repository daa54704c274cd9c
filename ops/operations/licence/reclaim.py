"""Take a seat back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing, today
from ops.adapters.register_words import holder_ref
from ops.change import Part
from ops.errors import NotFound
from ops.operation import operation


@operation
def reclaim(
    register: RegisterReader,
    key: Annotated[str, "short name of the licence, such as m365-2026"],
    holder: Annotated[str, "logon name of who has it, or asset:LAP-0001"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Take a seat back from today on; who could give one back is told by ops licence unused."""
    thing(register, "entitlement", key)
    ref = f"seat:{key}/{holder_ref(holder)}"
    known = register.read(ref)
    if known is None:
        raise NotFound(f"{holder} has no seat of {key}", hint=f"ops licence show {key} lists who has")
    if not known.get("until"):
        yield from altered(ref, known, why, until=today())
