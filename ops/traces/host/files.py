"""What belongs to a leaver on the file server, and whether the copies are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.host import CLOSED, as_wished
from ops.adapters.hosts import HostsReader
from ops.adapters.pages import Page
from ops.errors import OpsError
from ops.finding import Finding, Seen, Verdict
from ops.trace import trace


@trace
def files(
    hosts: HostsReader,
    page: Annotated[Page, "what the leavers' book says"],
) -> Iterator[Finding | Seen]:
    """A home that is still open is a failure, one without an archive a warning."""
    name, seen, silent = str(page["logon"]).lower(), 0, []
    for one in hosts.names():
        try:
            host = hosts.host(one)
            if not host.machine.homes:
                continue
            seen += 1
            home = host.read(f"folder:{host.machine.homes}/{name}")
            packed = host.read(f"archive:{host.machine.archive}/{name}.tar.zst")
        except OpsError as error:
            silent.append(f"{one}: {error}")
            continue
        if home and not as_wished(home, CLOSED):
            because = f"belongs to the number {home['owner']}, mode {home['mode']}"
            yield Finding(name, name, f"home on {one}", Verdict.FAIL, because, f"ops home archive {name}")
        if home and not packed:
            yield Finding(name, name, f"archive on {one}", Verdict.WARN, "there is none", f"ops home archive {name}")
    yield Seen(seen, "file servers", tuple(silent))
