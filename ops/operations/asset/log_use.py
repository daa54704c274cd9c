"""Write down how many hours an asset was used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered, thing, today
from ops.adapters.register_words import day_text
from ops.change import Part
from ops.operation import operation


@operation
def log_use(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    hours: Annotated[str, "hours on that day, a whole number"],
    day: Annotated[date | None, "day as YYYY-MM-DD; today if left out"] = None,
    source: Annotated[str, "how it is known, such as 'booking sheet'"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Keep the hours of use of a shared asset, day by day; the same day again takes the place of what was there."""
    thing(register, "asset", tag)
    at = day_text(day) or today()
    ref, fields = f"usage:{tag}/{at}", {"asset": tag, "day": at, "hours": hours, "source": source}
    known = register.read(ref)
    if known is None:
        yield entered(ref, fields, why)
    else:
        yield from altered(ref, known, why, **fields)
