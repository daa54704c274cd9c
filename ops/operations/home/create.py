"""Give somebody a home folder on the file server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.host import Folder, HostReader
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def create(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Make a private folder that belongs to the person, and see that they can write into it.

    A folder that is there already and belongs to somebody else is refused: it may hold what a leaver left.
    """
    user = directory.account(account)
    uid = user.first("uidNumber")
    if not uid:
        hint = "give uidNumber to the account, or set first_uid in ops.toml before onboarding"
        raise Refused(f"{account} has no number for Linux, so nothing could belong to them", hint=hint)
    path = f"{host.machine.homes}/{user.logon_name.lower()}"
    found = host.read(f"folder:{path}")
    if found and found["owner"] != uid:
        hint = "look what it is: ops host show"
        raise Refused(f"{path} is there already and belongs to the number {found['owner']}", hint=hint)
    if not found:
        rights = {"owner": uid, "group": uid, "mode": "700"}
        yield Folder(f"folder:{path}", None, rights, f"{user.name} ({user.logon_name})", host=host.machine.name)
