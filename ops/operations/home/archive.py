"""Pack a leaver's home folder, prove the copy, and close the folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.host import CLOSED, Archive, Folder, HostReader, as_wished
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def archive(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Pack the folder with owners and access lists, compare, take a file out again as a test; then only root may enter.

    The account must be disabled first: what its owner still writes would be missing in the copy.
    """
    user = directory.account(account)
    name, where = user.logon_name.lower(), host.machine.name
    path, packed = f"{host.machine.homes}/{name}", f"{host.machine.archive}/{name}.tar.zst"
    found = host.read(f"folder:{path}")
    if found is None:
        return
    if user.enabled:
        raise Refused(f"{account} is enabled and may be writing", hint=f"first: ops account disable {account}")
    person = f"{user.name} ({user.logon_name})"
    if host.read(f"archive:{packed}") is None:
        yield Archive(f"archive:{packed}", None, {"folder": path}, person)
    if not as_wished(found, CLOSED):
        before = {key: found[key] for key in CLOSED}
        yield Folder(f"folder:{path}", before, CLOSED, person, host=where)
