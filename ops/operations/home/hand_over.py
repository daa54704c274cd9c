"""Hand a leaver's files over to a successor, to be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.host import Folder, HostReader
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def hand_over(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name of the leaver, such as amy.ng"],
    successor: Annotated[str, "logon name of who gets the files; the leaver's manager if empty"] = "",
) -> Iterator[Part]:
    """Unpack the archive of a leaver's home for somebody else, who can read it and change nothing."""
    user = directory.account(account)
    name = user.logon_name.lower()
    packed = f"{host.machine.archive}/{name}.tar.zst"
    path = f"{host.machine.handed_over}/{name}"
    if host.read(f"archive:{packed}") is None or host.read(f"folder:{path}"):
        return
    heir = directory.account(successor) if successor else directory.get(f"new:{user.first('manager')}")
    if heir is None:
        raise Refused(f"{account} has no manager who could get the files", hint="name somebody with --successor")
    uid = heir.first("uidNumber")
    if not uid:
        raise Refused(f"{heir.logon_name} has no number for Linux", hint="name somebody else with --successor")
    rights = {"owner": uid, "group": uid, "mode": "500", "source": packed}
    yield Folder(f"folder:{path}", None, rights, f"{user.name} ({user.logon_name})", host=host.machine.name)
