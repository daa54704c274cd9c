"""Which groups a leaver had."""

from __future__ import annotations

from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.leavers import LeaversReader
from ops.operation import Chosen, lookup


@lookup
def old_groups(
    leavers: LeaversReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Chosen:
    """Choose none: no group of somebody who left comes back by itself. The reason names those of before."""
    page = leavers.page(directory.account(account).logon_name)
    if page is None:
        return Chosen("")
    before = ", ".join(sorted(page.get("groups", {}).values())) or "none"
    return Chosen("", f"none comes back by itself; name those of today with --groups (before: {before})")
