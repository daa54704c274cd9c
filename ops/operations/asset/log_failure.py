"""Write a failure into the log of an asset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, entered, thing, today
from ops.adapters.register_words import day_text, next_key
from ops.change import Part
from ops.operation import operation


@operation
def log_failure(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    what: Annotated[str, "what failed, in a few words"],
    day: Annotated[date | None, "day as YYYY-MM-DD; today if left out"] = None,
    down_hours: Annotated[str, "hours it could not be used"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Keep what failed, when and for how long: the report shows which models fail most."""
    thing(register, "asset", tag)
    fields = {"asset": tag, "what": what, "happened_on": day_text(day) or today()}
    if not register.find("failure", **fields):
        fields |= {"down_hours": down_hours, "ticket": why}
        yield entered(f"failure:{next_key(register, 'failure', tag)}", fields, why)
