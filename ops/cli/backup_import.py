"""Proposing a ``backups.yaml`` from what exists here, on a host of the inventory, or in files that were brought."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING

from inventory.backup.existing import Existing, existing
from inventory.backup.proposal import proposal
from ops.adapters.host import HostReader, Machine
from ops.cli.hosts import host_target
from ops.errors import InvalidRequest, NotFound
from ops.regular_file import content

if TYPE_CHECKING:
    from ops.cli.site import Site


def proposed(site: Site, files: Sequence[Path], host: str) -> tuple[str, int]:
    """The text of the proposal, and how many jobs are in it; raise ``NotFound`` if nothing was found."""
    if files and host:
        raise InvalidRequest("give files, or --host, not both", hint="files are read here")
    if files:
        read = existing({str(file.resolve()): _text(file) for file in files}, lambda path: _text(Path(path)))
        found = {"": read}  # they may have been brought from anywhere
    else:
        name = host or gethostname().partition(".")[0].lower()
        found = {name: on_host(_host(site, host))}
    number = sum(len(one.jobs) for one in found.values())
    if not number and not any(one.unclear for one in found.values()):
        raise NotFound("no job that makes backups was found", hint="give its files: ops backup import FILE…")
    return proposal(found, _tags(site, list(found))), number


def _host(site: Site, name: str) -> HostReader:
    if not name:
        from ops.adapters.local import this_machine

        return this_machine(Machine("this-machine"))
    host_target(site, name)
    found: HostReader = site.targets[name]
    return found


def on_host(host: HostReader) -> Existing:
    """What a host arranges."""
    files = dict(host.read("backups:this") or {})
    unread, zone = files.pop("unread", ""), files.pop("zone", "")

    def ask(path: str) -> str:
        found = host.read(f"settings:{path}")
        if found is None:
            raise NotFound("it cannot be read")
        return found["text"]

    found = existing(files, ask)
    found.zone = zone
    found.unclear += [unread] if unread else []
    return found


def _text(path: Path) -> str:
    return content(path).decode(errors="replace")


def _tags(site: Site, hosts: Sequence[str]) -> dict[str, str]:
    """What the register calls them, by their names on the network."""
    if not site.has_register:
        return {}
    wanted = {_named(site, host): host for host in hosts if host}
    with site.register.reading() as seen:
        known = [(ref.partition(":")[2], one) for ref, one in seen.every("asset")]
    return {
        wanted[name]: tag
        for tag, one in known
        for name in (one.get("hostname", "").lower(), one.get("fqdn", "").lower())
        if name in wanted
    }


def _named(site: Site, host: str) -> str:
    return site.workspace.targets[host].hostname.lower() if host in site.workspace.targets else host.lower()
