"""Excuse somebody from using the seats they have, until a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from inventory.licence.reclaim import EXCUSES
from ops.adapters.register import RegisterReader, altered, entered
from ops.adapters.register_words import day_text, holder_ref
from ops.change import Part
from ops.errors import InvalidRequest
from ops.operation import operation


@operation
def excuse(
    register: RegisterReader,
    holder: Annotated[str, "logon name, or asset:LAP-0001"],
    because: Annotated[str, "leave, dr (kept for a disaster) or vip"],
    expires: Annotated[date | None, "first day on which it ends, as YYYY-MM-DD"],
) -> Iterator[Part]:
    """Leave somebody's seats out of ops licence unused until a day: parental leave, a spare for a disaster, a board."""
    if because not in EXCUSES:
        raise InvalidRequest(f"{because!r} is no excuse", hint=f"one of {', '.join(EXCUSES)}")
    if expires is None:
        raise InvalidRequest("an excuse ends on a day", hint="give it as 2027-01-31")
    ref = f"excuse:{holder_ref(holder)}"
    fields = {"holder": holder_ref(holder), "why": because, "expires": day_text(expires)}
    known = register.read(ref)
    yield from [entered(ref, fields)] if known is None else altered(ref, known, "", **fields)
