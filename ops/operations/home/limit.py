"""Limit what somebody may keep in the home folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.host import HostReader, Quota
from ops.change import Part
from ops.errors import InvalidRequest, NotOffered
from ops.operation import operation

UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@operation
def limit(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    quota: Annotated[str, "such as 5G; what the inventory says for this host if empty"] = "",
) -> Iterator[Part]:
    """Let a home folder grow to a size and no further, where the file system offers that.

    A folder made before the file system could limit it is left as it is.
    """
    text = quota or host.machine.quota
    if not text:
        return
    wanted = octets(text)
    homes = host.machine.homes
    if host.read(f"offer:{homes}") is None:
        raise NotOffered(f"the file system of {homes} on {host.machine.name} offers no quotas", hint="use btrfs there")
    user = directory.account(account)
    path = f"{homes}/{user.logon_name.lower()}"
    if host.read(f"folder:{path}") is None:
        return
    found = host.read(f"quota:{path}") or {"limit": "none"}
    if found["limit"] != str(wanted):
        person = f"{user.name} ({user.logon_name})"
        yield Quota(f"quota:{path}", {"limit": found["limit"]}, {"limit": str(wanted)}, person)


def octets(text: str) -> int:
    """``5G`` as a number of octets."""
    found = re.fullmatch(r"([0-9]{1,6})([KMGT]?)", text.strip().upper())
    if not found or not int(found[1]):
        raise InvalidRequest(f"{text!r} is not a size", hint="write it as 500M or 5G")
    return int(found[1]) * UNITS.get(found[2], 1)
