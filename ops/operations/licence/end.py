"""End a licence on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.adapters.register_words import day_text
from ops.change import Part
from ops.errors import InvalidRequest
from ops.operation import operation


@operation
def end(
    register: RegisterReader,
    key: Annotated[str, "short name of the licence, such as m365-2026"],
    day: Annotated[date | None, "first day without it as YYYY-MM-DD"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down that notice was given: the licence ends on a day, and does not renew itself."""
    if day is None:
        raise InvalidRequest("say on which day it ends", hint=f"ops licence end {key} 2026-12-31")
    known = thing(register, "entitlement", key)
    yield from altered(f"entitlement:{key}", known, why, ends=day_text(day), auto_renew="no")
