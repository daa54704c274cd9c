"""Strike somebody who came back from the leavers' book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.leavers import Leaver, LeaversReader
from ops.change import Part
from ops.operation import operation


@operation
def strike(
    leavers: LeaversReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Take the page of somebody who is back out of the book; what stood on it stays in the run and its undo."""
    user = directory.account(account)
    if page := leavers.page(user.logon_name):
        yield Leaver(user.logon_name, page, None, f"{user.name} ({user.logon_name})")
