"""Open a home folder again that was closed when somebody left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.host import CLOSED, Folder, HostReader, as_wished
from ops.change import Part
from ops.operation import operation


@operation
def reopen(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Give a closed home folder back to its owner. The archive stays, and so does what a successor was given."""
    user = directory.account(account)
    path = f"{host.machine.homes}/{user.logon_name.lower()}"
    found, uid = host.read(f"folder:{path}"), user.first("uidNumber")
    if found and uid and as_wished(found, CLOSED):
        rights = {"owner": uid, "group": uid, "mode": "700"}
        person = f"{user.name} ({user.logon_name})"
        yield Folder(f"folder:{path}", {key: found[key] for key in rights}, rights, person, host=host.machine.name)
