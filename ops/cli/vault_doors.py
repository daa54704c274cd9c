"""Opening a target of backups with its tool: the password, and for one behind SSH the key and the way there."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.backup.model import Target
from inventory.backup.places import Place, behind_ssh
from inventory.backup.space import Space
from inventory.create import KNOWN_HOSTS
from ops.adapters.backup import Gone, Vault
from ops.adapters.backup_sentinel import Beside, Folder
from ops.errors import NotOffered, OpsError
from ops.private import private_folder
from ops.secret import Secret

BY_SFTP = ("restic", "tar")  # tools that write through SFTP alone; others start a program of theirs at the place

if TYPE_CHECKING:
    from ops.adapters.ssh import Door
    from ops.cli.site import Site


def opened(site: Site, target: Target, secret: Secret | None) -> Vault:
    """One target, with its key; raise ``NotAuthorised``, ``Unreachable`` or ``Refused`` before its tool is started."""
    from ops.adapters.borg import BorgVault
    from ops.adapters.restic import ResticVault

    tools = {"restic": ResticVault, "borg": BorgVault}
    place = behind_ssh(target.tool, target.where)
    cache = private_folder(site.workspace.state / "backup-cache")
    if target.tool == "tar":
        return _packed(site, target, place, cache)
    if target.tool == "rsync":
        return _plain(site, target, place, cache)
    at, remote = _reached(target, place, door(site, target, place)) if place else ("", "")
    own = private_folder(cache / target.name) if target.tool == "restic" else cache  # borg keeps its keys there
    made: Vault = tools[target.tool](target, secret, own, at, remote)
    return made


def _packed(site: Site, target: Target, place: Place | None, cache: Path) -> Vault:
    """A folder of archives, here or behind SFTP."""
    from ops.adapters.tar import Folder as Here
    from ops.adapters.tar import TarVault

    if place is None:
        return TarVault(target, Here(target), cache)
    from ops.adapters.ssh_shelf import FarFolder

    return TarVault(target, FarFolder(target, door(site, target, place), place.path), cache)


def _plain(site: Site, target: Target, place: Place | None, cache: Path) -> Vault:
    """A folder of dated trees, here or behind SFTP."""
    from ops.adapters.rsync import RsyncVault
    from ops.adapters.rsync_folder import Folder as Here

    if place is None:
        return RsyncVault(target, Here(target), cache)
    from ops.adapters.ssh_tree import FarTree

    return RsyncVault(target, FarTree(target, door(site, target, place), place.path), cache)


def door(site: Site, target: Target, place: Place) -> Door:
    """How to sign in to where a target is; a host of the inventory is known by its name there or its address."""
    from ops.adapters.ssh import Door

    folder = site.workspace.folder
    hosts = [one for one in site.workspace.targets.values() if one.kind == "host"]
    known = next((one for one in hosts if place.host in (one.hostname, one.name)), None)
    host, name = (known.hostname, known.name) if known else (place.host, place.host)
    connect_to = str(known.settings.get("connect_to", "")) if known else ""
    key = folder / target.identity
    return Door(host, place.account, folder / KNOWN_HOSTS, key, place.port, connect_to, sudo=False, name=name)


def beside(site: Site, target: Target) -> AbstractContextManager[Beside]:
    """The folder a target lies in, with the account and the key that write there; raise ``NotOffered``."""
    place = behind_ssh(target.tool, target.where)
    if place is None and not target.where.startswith("/"):
        raise NotOffered(f"{target.name}: no file can be written there but by its tool", hint="see to it by hand")
    if place is None:
        return nullcontext(Folder(Path(target.where)))
    from ops.adapters.ssh_files import files

    writer = replace(target, identity=target.writer_identity or target.identity)
    place = replace(place, account=target.writer or place.account)
    return files(door(site, writer, place), place.path, whole=target.tool in BY_SFTP)


def space(site: Site, target: Target) -> Space:
    """The file system a target lies in, asked for by who reads there; raise ``NotOffered`` where nobody tells."""
    place = behind_ssh(target.tool, target.where)
    if place is None and not target.where.startswith("/"):
        raise NotOffered(f"how much room {target.name} has is not told over its protocol", hint="ask who keeps it")
    if place is None:
        return _space_here(target)
    from ops.adapters.ssh_files import room_behind

    used, free, *inodes = room_behind(door(site, target, place), place.path)
    return Space(used, free, *inodes)


def written(site: Site, target: Target, file: str) -> datetime | None:
    """When a file below the place of a target was written, by the clock there; None where that cannot be seen."""
    place = behind_ssh(target.tool, target.where)
    with suppress(OSError, OverflowError, ValueError, OpsError):
        if place is None:
            return datetime.fromtimestamp(Path(target.where, file).stat().st_mtime, UTC)
        from ops.adapters.ssh_files import modified

        return datetime.fromtimestamp(modified(door(site, target, place), f"{place.path}/{file}"), UTC)
    return None


def _space_here(target: Target) -> Space:
    try:
        seen = os.statvfs(target.where)
    except OSError as error:
        hint = "is it there, mounted?"
        raise Gone(f"{target.name}: {target.where} cannot be asked for ({error.strerror})", hint=hint) from error
    used, free = (seen.f_blocks - seen.f_bfree) * seen.f_frsize, seen.f_bavail * seen.f_frsize
    return Space(used, free, seen.f_files - seen.f_ffree, seen.f_favail)


def _reached(target: Target, place: Place, door: Door) -> tuple[str, str]:
    """Where it is and what starts the connection, in the words of its tool; the door is tried first.

    A program that starts SSH itself often loses what SSH complained of: what keeps us out is said better before.
    """
    from ops.adapters.ssh import signed_in
    from ops.adapters.ssh_words import line, subsystem, words

    with signed_in(door):
        pass
    host = f"[{door.host}]" if ":" in door.host else door.host
    if target.tool == "borg":
        return f"ssh://{place.account}@{host}:{place.port}{place.path}", line(words(door))
    return f"sftp:{place.account}@{host}:{place.path}", line(subsystem(door, "sftp"))
