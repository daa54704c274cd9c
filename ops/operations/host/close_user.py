"""Close somebody's login on a Linux host, in every way there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.host import ONCE, HostReader, Jobs, Keys, Linger, Login, Processes, Queued, as_wished
from ops.adapters.host_guards import Personal
from ops.change import Part
from ops.operation import operation

LEFT = ("linger", "processes", "keys", "jobs", "queued")
CLOSED = {"locked": "yes", "expires": ONCE, "shell": "/usr/sbin/nologin"}


@operation
def close_user(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Lock and expire a login, end what it runs, and take its SSH keys and all that would run later away.

    Locking alone is not enough: a key still opens a locked login, and what runs goes on. Files stay as they are.
    """
    user = directory.account(account)
    name, where = user.logon_name.lower(), host.machine.name
    login = host.read(f"login:{name}")
    if login is None:
        return
    person = f"{user.name} ({user.logon_name})"
    found = {kind: host.read(f"{kind}:{name}") for kind in LEFT}
    open_ = not as_wished(login, CLOSED)
    if open_ or any(found.values()):
        yield Personal(f"login:{name}")
    if open_:
        yield Login(f"login:{name}", {key: login[key] for key in CLOSED}, CLOSED, person, host=where)
    if found["linger"]:
        yield Linger(f"linger:{name}", found["linger"], None, person, host=where)
    if found["processes"]:
        yield Processes(f"processes:{name}", {"processes": "all"}, None, person, host=where)
    if found["keys"]:
        yield Keys(f"keys:{name}", found["keys"], None, person, host=where)
    if found["jobs"]:
        yield Jobs(f"jobs:{name}", found["jobs"], None, person, host=where)
    if found["queued"]:
        yield Queued(f"queued:{name}", {"queued": "all"}, None, person, host=where)
