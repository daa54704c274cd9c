"""Give a starter several assets at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader
from ops.adapters.register_words import given_out
from ops.change import Part
from ops.operation import operation
from ops.params import Names


@operation
def hand_out(
    register: RegisterReader,
    to: Annotated[str, "logon name of who gets them"],
    tags: Annotated[Names, "tags of the assets, such as LAP-0001"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Check several assets out to one person; one that somebody else has is refused, and then none goes out."""
    for tag in tags:
        yield from given_out(register, tag, to, why)
