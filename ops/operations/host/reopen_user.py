"""Open a login again that was closed when somebody left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.host import NEVER, HostReader, Keys, Login, as_wished, public_key
from ops.adapters.host_guards import Personal
from ops.change import Part
from ops.operation import operation


@operation
def reopen_user(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    key: Annotated[str, "new public SSH key, the one line of a .pub file"] = "",
) -> Iterator[Part]:
    """Unlock a login, lift its expiry and give the shell back, where the host is for a group the person is in now.

    Old keys and jobs do not come back: somebody who returns brings a new key.
    """
    user = directory.account(account)
    name, where = user.logon_name.lower(), host.machine.name
    groups = (directory.get(ref) for ref in user.groups)
    login = host.read(f"login:{name}")
    if login is None or not any(group.logon_name in host.machine.accounts_for for group in groups if group):
        return
    person = f"{user.name} ({user.logon_name})"
    opened = {"locked": "no", "expires": NEVER, "shell": user.first("loginShell") or "/bin/bash"}
    shut, keys = not as_wished(login, opened), host.read(f"keys:{name}")
    if shut or (key and not keys):
        yield Personal(f"login:{name}")
    if shut:
        yield Login(f"login:{name}", {field: login[field] for field in opened}, opened, person, host=where)
    if key and not keys:
        path = f"{login['home']}/.ssh/authorized_keys"
        yield Keys(f"keys:{name}", None, {path: public_key(key) + "\n"}, person, host=where)
