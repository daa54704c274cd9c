"""Open a stock-take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from inventory.register.stocktake import fingerprint
from ops.adapters.register import RegisterReader, entered, today
from ops.change import Part
from ops.errors import NotFound, Refused
from ops.operation import operation


@operation
def open(  # noqa: A001 - the verb of the command
    register: RegisterReader,
    key: Annotated[str, "a name for it, such as leith-2026"],
    site: Annotated[str, "only this site"] = "",
    location: Annotated[str, "only this place there"] = "",
    supersedes: Annotated[str, "the closed stock-take that this one takes the place of"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Freeze the list of what should be found: everything in stock, deployed or on loan there.

    What is moved afterwards does not change the list. Then: ops stocktake scan, and ops stocktake close.
    """
    if known := register.read(f"stocktake:{key}"):
        if (known.get("site", ""), known.get("location", "")) != (site, location):
            raise Refused(f"{key} is the name of another stock-take", hint="give another name")
        return
    listed = register.expected(site, location)
    if not listed:
        raise NotFound("nothing is expected there", hint="ops asset find --site SITE shows what the register has")
    fields = {"site": site, "location": location, "supersedes": supersedes, "opened": today()}
    yield entered(f"stocktake:{key}", fields | {"snapshot": fingerprint(listed), "expected": str(len(listed))}, why)
