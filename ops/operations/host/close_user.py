"""Close somebody's login on a Linux host, in every way there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.host import ONCE, HostReader, Jobs, Keys, Login, Processes, as_wished
from ops.adapters.host_guards import Personal
from ops.change import Part
from ops.operation import operation

CLOSED = {"locked": "yes", "expires": ONCE, "shell": "/usr/sbin/nologin"}


@operation
def close_user(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Lock and expire a login, end what it runs, and take its SSH keys and its crontab away.

    Locking alone is not enough: a key still opens a locked login, and what runs goes on. Files stay as they are.
    """
    user = directory.account(account)
    name, where = user.logon_name.lower(), host.machine.name
    login = host.read(f"login:{name}")
    if login is None:
        return
    person = f"{user.name} ({user.logon_name})"
    processes, keys, jobs = (host.read(f"{kind}:{name}") for kind in ("processes", "keys", "jobs"))
    open_ = not as_wished(login, CLOSED)
    if open_ or processes or keys or jobs:
        yield Personal(f"login:{name}")
    if open_:
        yield Login(f"login:{name}", {key: login[key] for key in CLOSED}, CLOSED, person, host=where)
    if processes:
        yield Processes(f"processes:{name}", {"processes": "all"}, None, person, host=where)
    if keys:
        yield Keys(f"keys:{name}", keys, None, person, host=where)
    if jobs:
        yield Jobs(f"jobs:{name}", jobs, None, person, host=where)
