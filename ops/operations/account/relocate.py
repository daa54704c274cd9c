"""Move an account to another organisational unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, Place, place_named
from ops.adapters.directory_guards import Ordinary
from ops.adapters.directory_names import parent, split
from ops.change import Part
from ops.operation import operation


@operation
def relocate(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    place: Annotated[str, "staff, leavers or another place of the inventory, or a DN"],
) -> Iterator[Part]:
    """Move an account to another organisational unit; policies that hang on the unit change with it."""
    user = directory.account(account)
    where = place_named(directory, place)
    if parent(user.dn).lower() != where.lower():
        yield Ordinary(user.ref)
        yield Place(user.ref, user.dn, f"{split(user.dn)[0]},{where}")
