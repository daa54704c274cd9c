"""Take an account out of groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, Membership
from ops.adapters.directory_guards import Joinable, Ordinary
from ops.change import Part
from ops.operation import operation
from ops.params import Names


@operation
def remove_member(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    groups: Annotated[Names, "names of groups, with commas between them"],
) -> Iterator[Part]:
    """End an account's direct membership of each group. The primary group is not one of these."""
    user = directory.account(account)
    found = [group for name in groups if (group := directory.group(name)).ref in user.groups]
    if found:
        yield Ordinary(user.ref)
    for group in found:
        yield Joinable(group.ref)  # so that taking it back never fills a group that has become privileged since
        yield Membership(user.ref, True, False, group.ref, group.logon_name)
