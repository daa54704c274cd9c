"""Put an account into groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, Membership
from ops.adapters.directory_guards import Joinable, Ordinary
from ops.change import Part
from ops.operation import operation
from ops.params import Names


@operation
def add_member(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    groups: Annotated[Names, "names of groups, with commas between them"],
) -> Iterator[Part]:
    """Make an account a direct member of each group.

    A group that is protected, or lies in one that is, is refused: so administrators are not made by accident.
    """
    user = directory.account(account)
    missing = [group for name in groups if (group := directory.group(name)).ref not in user.groups]
    if missing:
        yield Ordinary(user.ref)
    for group in missing:
        yield Joinable(group.ref)
        yield Membership(user.ref, False, True, group.ref, group.logon_name)
