"""Lend an asset until a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader
from ops.adapters.register_words import day_text, given_out
from ops.change import Part
from ops.errors import InvalidRequest
from ops.operation import operation


@operation
def lend(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    to: Annotated[str, "logon name of who gets it, or location:Room 12"],
    due: Annotated[date | None, "last day of the loan as YYYY-MM-DD"],
    terms: Annotated[str, "file with the terms that were accepted; its SHA-256 is kept"] = "",
    signature: Annotated[str, "file with the signature under them; its SHA-256 is kept"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Lend an asset; ops audit run estate.register names the loans that are overdue."""
    if due is None:
        raise InvalidRequest("a loan ends on a day", hint="give it as 2026-12-31; for good: ops asset check-out")
    yield from given_out(register, tag, to, why, due=day_text(due), terms=terms, signature=signature)
