"""Take an account out of every group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, Membership, attribute_changes
from ops.adapters.directory_guards import Joinable, Ordinary
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation

USUAL = "513"  # Domain Users: the primary group of every person (MS-DTYP 2.4.2.4)


@operation
def leave_all(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """End every direct membership of an account; which they were stays in the run and the leavers' book.

    The primary group is set back to the usual one. A group that has become privileged is left too, but undoing that
    is refused.
    """
    user = directory.account(account)
    unusual = user.first("primaryGroupID") not in ("", USUAL)
    if user.enabled and (user.groups or unusual):
        raise Refused(f"{account} is enabled", hint=f"first: ops account disable {account}")
    if user.groups or unusual:
        yield Ordinary(user.ref, residue=True)
    if unusual:
        yield from attribute_changes(user, {"primaryGroupID": (USUAL,)})
    for ref in sorted(user.groups):
        if group := directory.get(ref):
            yield Joinable(group.ref)
            yield Membership(user.ref, True, False, group.ref, group.logon_name)
