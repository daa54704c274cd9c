"""Set the last day of an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.directory import DirectoryReader, attribute_changes
from ops.adapters.directory_entry import end_of, last_day
from ops.adapters.directory_guards import Ordinary
from ops.change import Part
from ops.operation import operation


@operation
def expire(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    day: Annotated[date | None, "last day it works, as YYYY-MM-DD, or never"],
) -> Iterator[Part]:
    """Let an account work up to and including a day (UTC), as for a contract that ends; ``never`` lifts it."""
    user = directory.account(account)
    if last_day(user.get("accountExpires")) != day:
        yield Ordinary(user.ref)
        yield from attribute_changes(user, {"accountExpires": end_of(day)})
