"""End the connections to the directory that somebody opened before their account was disabled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.directory_guards import Ordinary
from ops.adapters.host import RESTART, Connections, HostReader
from ops.change import Part
from ops.errors import NotOffered
from ops.operation import operation


@operation
def end_connections(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """End what a controller has open for somebody: a disabled account goes on reading through it until it is closed.

    The controller's log of sign-ins (sign_in_log in the inventory) tells whose each is.
    """
    user = directory.account(account)
    ref = f"connections:{user.first('objectSid')}"
    if not host.machine.sign_in_log:
        hint = "write sign_in_log: in the inventory, if it is a controller: ops help hosts"
        raise NotOffered(f"{host.machine.name} has no log that tells whose connections are open", hint=hint)
    found = host.read(ref) or {"open": "0", "unknown": "0"}
    if found["open"] == "0" != found["unknown"]:
        raise NotOffered(
            f"{found['unknown']} open on {host.machine.name}, and its log does not tell whose", hint=RESTART
        )
    if found["open"] != "0":
        person = f"{user.name} ({user.logon_name})"
        yield Ordinary(user.ref, residue=True)
        yield Connections(ref, {"connections": "all"}, None, person, host=host.machine.name)
