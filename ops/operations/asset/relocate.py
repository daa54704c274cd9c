"""Move an asset to another place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.change import Part
from ops.errors import InvalidRequest
from ops.operation import operation


@operation
def relocate(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    location: Annotated[str, "where it is now, such as Room 12"],
    site: Annotated[str, "and at which site; as before if left out"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down where an asset is now; who has it stays as it is."""
    if not location.strip():
        raise InvalidRequest("say where it is now", hint=f"ops asset relocate {tag} 'Room 12'")
    known = thing(register, "asset", tag)
    new = {"location": location} | ({"site": site} if site else {})
    yield from altered(f"asset:{tag}", known, why, **new)
