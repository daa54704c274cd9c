"""The workspace that ``ops lab up`` leaves behind: an apprentice's, with delegated rights and an own signing key."""

from __future__ import annotations

import os
from contextlib import suppress
from ipaddress import ip_interface
from pathlib import Path

from evidence.identity import Identity, own_name
from inventory.create import KNOWN_HOSTS, Linux, Plan, create
from inventory.lab import Lab, Running
from inventory.lab.protected import backups_text
from inventory.load import FILE, load
from ops.adapters.ldap_connection import anchor
from ops.errors import InvalidRequest, OpsError

ACCOUNT = "apprentice1"
USUAL = "lab"
PRACTICE = Path("practice")


def network_here() -> str:
    """The practice network of the workspace we stand in; the usual one elsewhere."""
    from ops.cli.site import workspace_from

    with suppress(OpsError):
        return workspace_from().environment.lab or USUAL
    return USUAL


def folder_here(name: str) -> Path:
    """Where the workspace of a practice network goes: the one we stand in if it is for that network, else practice."""
    from ops.cli.site import workspace_from

    with suppress(OpsError):
        here = workspace_from()
        if here.environment.lab == name:
            return here.folder
    return PRACTICE


def room_for_workspace(folder: Path) -> None:
    """Raise before anything is started if the workspace could not be made afterwards."""
    here = folder.resolve()
    there = next(path for path in (here, *here.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        why = "may not be written" if there.is_dir() else "is not a folder"
        raise InvalidRequest(f"{folder} cannot be made: {there} {why}", hint="choose another folder")


def apprentice_workspace(lab: Lab, running: Running, folder: Path) -> str:
    """Make it, or bring it up to date with a network that was made anew; return the key's fingerprint.

    What changes between networks is taken anew: its CA is copied, the password file is named where it lies.
    """
    here = folder.resolve()
    if not (here / FILE).exists():
        create(here, _plan(lab, running))
    else:
        _renew(here, running)
    if running.keeps_backups:
        _protect(here, running)
    return Identity.create(load(here).state, own_name()).fingerprint


def _protect(folder: Path, running: Running) -> None:
    """Say what is protected, and trust the backup host, where a workspace does not do so yet."""
    file, known = folder / "inventory/backups.yaml", folder / KNOWN_HOSTS
    if file.exists():
        return
    file.write_text(backups_text(running), encoding="utf-8")
    trusted = known.read_text(encoding="utf-8") if known.exists() else ""
    if "bak1," not in trusted:
        shown = running.known_hosts.read_text(encoding="utf-8").splitlines(keepends=True)
        known.write_text(trusted + "".join(line for line in shown if line.startswith("bak1,")), encoding="utf-8")


def _plan(lab: Lab, running: Running) -> Plan:
    return Plan(
        kind="LAB",
        name=running.domain,
        host=running.controller,
        account=f"{ACCOUNT}@{running.domain}",
        base=running.base,
        ca_file=running.ca_file,
        credential=f"file:{running.password_file(ACCOUNT)}",
        anchors=(anchor(running.ca_file),),
        lab=lab.name,
        mail=running.domain,
        connect_to=running.connect_to,
        places=running.places,
        linux=_linux(running),
        network=_network(running),
    )


def _network(running: Running) -> str:
    """Where its hosts are; without own addresses there is none to sweep."""
    return str(ip_interface(f"{running.address}/24").network) if running.hosts else ""


def _linux(running: Running) -> Linux | None:
    if not running.linux:
        return None
    key = running.key_file(ACCOUNT)
    return Linux(running.linux, ACCOUNT, f"key:{key}", running.known_hosts, running.first_uid)


def _renew(folder: Path, running: Running) -> None:
    """A template made anew has a new certificate authority: take it, and its fingerprint, into the workspace."""
    before, after = anchor(folder / "ca.pem"), anchor(running.ca_file)
    if before == after:
        return
    (folder / "ca.pem").write_bytes(running.ca_file.read_bytes())
    settings = folder / FILE
    settings.write_text(settings.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
