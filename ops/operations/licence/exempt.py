"""Exempt somebody from needing a licence, until a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered
from ops.adapters.register_words import day_text, holder_ref
from ops.change import Part
from ops.errors import NotFound
from ops.operation import operation


@operation
def exempt(
    register: RegisterReader,
    product: Annotated[str, "such as microsoft.visio"],
    holder: Annotated[str, "asset:LAP-0001, or a logon name"],
    approved_by: Annotated[str, "who answers for it"],
    expires: Annotated[date | None, "first day without it as YYYY-MM-DD; no exemption is for ever"],
    because: Annotated[str, "why no licence is needed, such as 'trial'"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Leave an installation out of the count until a day; the derivation names it all the same."""
    if product not in register.products:
        raise NotFound(f"there is no product {product}", hint="ops licence products lists them")
    ref = f"exemption:{product}/{holder_ref(holder)}"
    fields = {"product": product, "holder": holder_ref(holder), "approved_by": approved_by, "why": because}
    fields |= {"expires": day_text(expires)}
    known = register.read(ref)
    yield from [entered(ref, fields, why)] if known is None else altered(ref, known, why, **fields)
