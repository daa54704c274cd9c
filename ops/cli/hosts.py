"""Opening hosts of the inventory: how to sign in, and which keys of theirs were confirmed."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inventory.create import KNOWN_HOSTS
from inventory.model import Target
from ops.adapters.host import HostReader, Machine
from ops.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from ops.adapters.host_commands import CommandHost
    from ops.adapters.ssh import Door
    from ops.cli.site import Site

WAYS = "key:PATH, agent or local"
WORDS = ("homes", "archive", "handed_over", "mailboxes", "quota", "sign_in_log")


def host_target(site: Site, name: str) -> Target:
    """A host of the inventory by its name."""
    target = site.workspace.targets.get(name)
    if target is None or target.kind != "host":
        raise NotFound(f"the inventory has no host {name}", hint="ops host show lists them")
    return target


def host_rows(site: Site) -> list[dict[str, str]]:
    """All hosts, without connecting to any."""
    from ops.adapters.ssh import known_fingerprint

    rows = []
    for target in site.workspace.targets.values():
        if target.kind == "host":
            local = target.credential == "local"
            key = "this machine" if local else known_fingerprint(door(target, site.workspace.folder))
            row = {"name": target.name, "address": target.hostname, "account": target.account}
            rows.append(row | {"key": key or f"not confirmed: ops host trust {target.name}"})
    return rows


def host_facts(site: Site, name: str) -> dict[str, Any]:
    """One host, seen to let us in."""
    target = host_target(site, name)
    host = site.targets[name]
    kept = {word: value for word, value in target.settings.items() if value}
    facts: dict[str, Any] = {"name": name, "address": target.hostname, "signed in as": target.account or "yourself"}
    facts |= kept
    facts |= host.facts()
    return facts


def login_facts(site: Site, name: str, login: str) -> dict[str, Any]:
    """One login of a host, with everything that opens it or runs for it."""
    host_target(site, name)
    host = site.targets[name]
    found = host.read(f"login:{login}")
    if found is None:
        raise NotFound(f"{name} has no login {login}", hint=f"ops host add-user {login} --on {name}")
    keys, jobs = host.read(f"keys:{login}") or {}, host.read(f"jobs:{login}")
    facts = {**found, **(host.read(f"processes:{login}") or {"processes": "0", "sessions": "0"})}
    more = {"keys": ", ".join(keys) or "none", "crontab": "yes" if jobs else "none"}
    more["queued jobs"] = (host.read(f"queued:{login}") or {}).get("queued", "none")
    more["lingers"] = (host.read(f"linger:{login}") or {}).get("linger", "no")
    return {**facts, **more}


def machine(target: Target) -> Machine:
    """What the inventory says of a host."""
    found = {name: str(target.settings.get(name, "")) for name in WORDS}
    return Machine(
        target.name, target.account, tuple(target.settings.get("accounts_for", ())), **found, hostname=target.hostname
    )


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
    return Door(
        target.hostname, target.account, folder / KNOWN_HOSTS, key, target.port or 22, connect_to, name=target.name
    )


def open_host(target: Target, folder: Path) -> AbstractContextManager[CommandHost]:
    """Open one host for the rest of the command."""
    if target.credential == "local":
        from ops.adapters.local import this_machine

        return nullcontext(this_machine(machine(target)))
    from ops.adapters.ssh import connect

    return connect(door(target, folder), machine(target))


class AllHosts:
    """The hosts of the inventory, each opened when it is asked for."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def names(self) -> tuple[str, ...]:
        """In the order of the inventory."""
        return self._site.inventory.get("host", ())

    def machine(self, name: str) -> Machine:
        """What the inventory says of one of them."""
        return machine(self._site.workspace.targets[name])

    def host(self, name: str) -> HostReader:
        """One of them."""
        found: HostReader = self._site.targets[name]
        return found
