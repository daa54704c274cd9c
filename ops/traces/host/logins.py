"""Logins, keys, crontabs and processes of a leaver on every host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.host import ONCE, HostReader
from ops.adapters.hosts import HostsReader
from ops.adapters.pages import Page
from ops.errors import OpsError
from ops.finding import Finding, Seen, Verdict
from ops.trace import trace

LEFT = {
    "keys": "a key still opens it",
    "jobs": "a crontab still runs",
    "queued": "a job waits for its time",
    "linger": "services start with the host",
    "processes": "something still runs",
}


@trace
def logins(
    hosts: HostsReader,
    page: Annotated[Page, "what the leavers' book says"],
) -> Iterator[Finding | Seen]:
    """What opens or runs is a failure; a closed login is only noted, because it keeps the number taken."""
    login, seen, silent = str(page["logon"]).lower(), 0, []
    for name in hosts.names():
        try:
            found = list(_on(name, login, hosts.host(name)))
        except OpsError as error:
            silent.append(f"{name}: {error}")
            continue
        seen += 1
        yield from found
    yield Seen(seen, "hosts", tuple(silent))


def _on(name: str, login: str, host: HostReader) -> Iterator[Finding]:
    step = f"ops host close-user {login} --on {name}"
    found = host.read(f"login:{login}")
    if found is None:
        return
    shut = found["expires"] == ONCE and found["locked"] == "yes"
    verdict = Verdict.PASS if shut else Verdict.FAIL
    yield Finding(login, login, f"login on {name}", verdict, "closed" if shut else "open", step * (not shut))
    for kind, because in LEFT.items():
        if host.read(f"{kind}:{login}"):
            yield Finding(login, login, f"{kind} on {name}", Verdict.FAIL, because, step)
