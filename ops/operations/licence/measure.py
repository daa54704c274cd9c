"""Take in when a product was used, as its licence server tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from inventory.register.measuring import entry
from ops.adapters.register import RegisterReader, altered, entered
from ops.change import Part
from ops.errors import NotFound
from ops.operation import operation


@operation
def measure(
    register: RegisterReader,
    product: Annotated[str, "such as teamviewer"],
    file: Annotated[str, "CSV with columns start,end and perhaps site; ISO 8601"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Keep the sessions of a product that is licensed by concurrent use: the position takes their peak.

    A later file takes the place of the one before; until there is one, the position is UNKNOWN.
    """
    if product not in register.products:
        raise NotFound(f"there is no product {product}", hint="ops licence products lists them")
    fields = entry(product, str(Path(file).expanduser().resolve()))
    ref = f"measured:{product}"
    known = register.read(ref)
    yield from [entered(ref, fields, why)] if known is None else altered(ref, known, why, **fields)
