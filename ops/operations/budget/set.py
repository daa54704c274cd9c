"""Set a budget for a year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered
from ops.adapters.register_words import number
from ops.change import Part
from ops.operation import operation
from ops.params import parse_amount


@operation
def set(  # noqa: A001 - the verb of the command
    register: RegisterReader,
    key: Annotated[str, "department and year, such as it/2026"],
    amount: Annotated[str, "how much, such as 20000.00"],
    currency: Annotated[str, "three letters, such as EUR"],
    what_for: Annotated[str, "what it is for"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Set what a department may spend in a year; the same again changes it, and the history keeps what it was."""
    department, _, year = key.rpartition("/")
    number("year", year, least=1970)
    money = {"amount": parse_amount(amount), "currency": currency}
    fields = {"department": department, "year": year, **money, "what_for": what_for}
    known = register.read(f"budget:{key}")
    if known is None:
        yield entered(f"budget:{key}", fields, why)
    else:
        yield from altered(f"budget:{key}", known, why, **fields)
