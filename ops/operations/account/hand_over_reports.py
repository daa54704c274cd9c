"""Give a leaver's people and groups to a successor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import Attribute, DirectoryReader
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def hand_over_reports(
    directory: DirectoryReader,
    account: Annotated[str, "logon name of the leaver, such as amy.ng"],
    successor: Annotated[str, "logon name of who follows; the leaver's own manager if empty"] = "",
) -> Iterator[Part]:
    """Make somebody else the manager of everybody, and the owner of everything, a leaver was manager or owner of."""
    user = directory.account(account)
    held = [(name, entry) for name in ("manager", "managedBy") for entry in directory.find(name, user.dn)]
    if not held:
        return
    heir = directory.account(successor).dn if successor else user.first("manager")
    if not heir:
        hint = "name somebody with --successor"
        raise Refused(f"{len(held)} people or groups are under {account}, who has no manager", hint=hint)
    for name, entry in held:
        after = () if entry.dn == heir else (heir,)  # nobody becomes their own manager
        yield Attribute(entry.ref, entry.get(name), after, name)
