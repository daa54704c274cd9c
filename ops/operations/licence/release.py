"""Take back every seat that somebody has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, today
from ops.adapters.register_words import holder_ref
from ops.change import Part
from ops.operation import operation


@operation
def release(
    register: RegisterReader,
    holder: Annotated[str, "logon name, or asset:LAP-0001"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Take back all seats of a person or an asset, as when somebody leaves; none is nothing to do."""
    for ref, known in register.find("seat", holder=holder_ref(holder), until="").items():
        yield from altered(ref, known, why, until=today())
