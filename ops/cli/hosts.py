"""Opening hosts of the inventory: how to sign in, and which keys of theirs were confirmed."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.create import KNOWN_HOSTS
from inventory.model import Target
from ops.adapters.host import Machine
from ops.errors import InvalidRequest

if TYPE_CHECKING:
    from ops.adapters.host_commands import CommandHost
    from ops.adapters.ssh import Door

WAYS = "key:PATH, agent or local"


def machine(target: Target) -> Machine:
    """What the inventory says of a host."""
    found = {name: str(target.settings.get(name, "")) for name in ("homes", "archive", "handed_over")}
    return Machine(target.name, target.account, tuple(target.settings.get("accounts_for", ())), **found)


def door(target: Target, folder: Path) -> Door:
    """Where a host is and how to sign in to it."""
    from ops.adapters.ssh import Door

    way, _, rest = target.credential.partition(":")
    if way not in ("key", "agent") or (way == "key" and not rest):
        raise InvalidRequest(f"{target.name}: the credential of a host is {WAYS}", hint="correct it in the inventory")
    if not target.account:
        raise InvalidRequest(f"{target.name} has no username", hint="write username: in the inventory")
    key = folder / rest if way == "key" else None
    connect_to = str(target.settings.get("connect_to", ""))
    return Door(target.hostname, target.account, folder / KNOWN_HOSTS, key, target.port or 22, connect_to)


def open_host(target: Target, folder: Path) -> AbstractContextManager[CommandHost]:
    """Open one host for the rest of the command."""
    if target.credential == "local":
        from ops.adapters.local import this_machine

        return nullcontext(this_machine(machine(target)))
    from ops.adapters.ssh import connect

    return connect(door(target, folder), machine(target))
