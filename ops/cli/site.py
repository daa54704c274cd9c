"""Opening a workspace: enter its practice network, connect to its targets, open its books."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evidence.enrolment import SignersFile
from evidence.identity import Identity
from evidence.ledger import Ledger
from evidence.signers import Signers
from evidence.sshsig import Signer
from inventory.load import find, load
from inventory.model import Target, Workspace
from ops.adapters.credentials import resolve
from ops.adapters.handover_folder import HandoverFolder
from ops.adapters.ldap_connection import Address
from ops.adapters.leavers import ProjectedLeavers, reserved
from ops.adapters.pages_folder import PagesFolder
from ops.adapters.schedule import ProjectedSchedule
from ops.cli.hardening import harden
from ops.cli.hosts import open_host
from ops.errors import InvalidRequest, NotFound
from ops.keeper import Keeper

if TYPE_CHECKING:
    from inventory.register.store import Register

HANDOVER, LEAVERS, SCHEDULE, HOST = "handover", "leavers", "schedule", "host"
OWN = (HANDOVER, LEAVERS, SCHEDULE, "hosts", "past", "register", "estate", "backup")  # what belongs to every workspace


class Connections(dict[str, Any]):
    """Targets by name, each connected when it is first asked for."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __missing__(self, name: str) -> Any:
        self[name] = self._site.connect(name)
        return self[name]


@dataclass
class Site:
    """A workspace that has been entered. ``targets`` connect on first use and end with the command."""

    workspace: Workspace
    stack: ExitStack
    ask: bool = True
    reading: bool = False  # the ledger is only looked at, and need not be ours to write
    run: str = ""  # the run that is being carried out, for whoever keeps a history of its own
    targets: Connections = field(init=False)

    def __post_init__(self) -> None:
        self.targets = Connections(self)

    @cached_property
    def inventory(self) -> dict[str, tuple[str, ...]]:
        """Which targets a word means; what belongs to every workspace among them."""
        return self.workspace.named() | {kind: (kind,) for kind in OWN}

    @property
    def kinds(self) -> dict[str, str]:
        """For each word the target that is used."""
        return {word: names[0] for word, names in self.inventory.items()}

    @cached_property
    def identity(self) -> Identity:
        """Who works here, on which device, with which key."""
        return Identity.load(self.workspace.state)

    @cached_property
    def signer(self) -> Signer:
        """The key, seen to sign; raise ``EvidenceUnavailable`` if it cannot, for then nothing may be changed."""
        signer = self.identity.signer()
        signer.sign("journeyman-ready-v1", b"ready")
        return signer

    @cached_property
    def ledger(self) -> Ledger:
        """The evidence of this person on this device."""
        path = self.workspace.state / "ledger.db"
        return Ledger(path, self.identity.chain, read_only=self.reading and path.exists())

    @cached_property
    def keeper(self) -> Keeper:
        """Secrets between being made and being delivered."""
        return Keeper(self.workspace.state / "keeper", self.ask)

    @property
    def signers_file(self) -> SignersFile:
        """The enrolled keys, as the IT lead signed them."""
        return SignersFile(self.workspace.folder)

    @cached_property
    def signers(self) -> Signers:
        """The enrolled keys; raise ``EvidenceInvalid`` if their signature is not the IT lead's."""
        return self.signers_file.signers(self.workspace.settings["it_lead"])

    @property
    def desk(self) -> HandoverFolder:
        """Sheets waiting to be handed over."""
        return HandoverFolder(self.workspace.state / HANDOVER)

    @property
    def leavers(self) -> PagesFolder:
        """The leavers' book."""
        return PagesFolder(self.workspace.state / LEAVERS, ProjectedLeavers)

    @property
    def schedule(self) -> PagesFolder:
        """Dated work."""
        return PagesFolder(self.workspace.state / SCHEDULE, ProjectedSchedule)

    @property
    def has_register(self) -> bool:
        """Whether anything was ever entered."""
        named = self.workspace.settings["register"]
        return bool(named) or (self.workspace.state / "register.db").is_file()

    @cached_property
    def register(self) -> Register:
        """Assets and licences; every change of it tells who made it in which run."""
        from inventory.register.store import Author, Register

        named, state = self.workspace.settings["register"], self.workspace.state
        where = named if "://" in named else self.workspace.folder / named if named else state / "register.db"
        author = Author(self.identity.name or self.identity.person, lambda: self.run)
        opened = Register(where, author, self.workspace.folder, state / "register-server.head")
        return self.stack.enter_context(closing(opened))

    @property
    def constants(self) -> dict[str, str]:
        """Answers the workspace gives to every playbook."""
        settings = self.workspace.settings
        never = self.workspace.folder / "never-reuse.txt"
        names = {*never.read_text(encoding="utf-8").split()} if never.is_file() else set()
        return {
            "name_pattern": settings["name_pattern"],
            "mail_domain": settings["mail_domain"],
            "first_uid": settings["first_uid"],
            "has_register": "true" if self.has_register else "",
            "never_reuse": ",".join(sorted(names | reserved(self.leavers.pages().values()))),
        }

    def connect(self, name: str) -> Any:
        """Open one target for the rest of the command."""
        if name in OWN:
            return own(self, name)
        if name not in self.workspace.targets:
            raise NotFound(f"the inventory has no {name}", hint="ops config show")
        target = self.workspace.targets[name]
        return self.stack.enter_context(self._open(target))

    def _open(self, target: Target) -> Any:
        if target.kind == HOST:
            return open_host(target, self.workspace.folder)
        if target.kind != "directory":
            raise InvalidRequest(f"{target.name} is a {target.kind}, which this version cannot work on")
        from ops.adapters.ldap import connect

        secret = resolve(target.credential, target.account, self.workspace.folder, self.ask)
        hours = int(target.settings.get("ticket_hours", 10))
        return connect(self.address(target), target.settings["base"], self.places(target), secret, hours)

    def address(self, target: Target) -> Address:
        """Where a directory is, from the inventory."""
        settings = target.settings
        ca_file = self.workspace.folder / settings["ca_file"]
        kerberos = target.credential == "kerberos"
        connect_to = settings.get("connect_to", "")
        return Address(target.hostname, ca_file, target.account, target.port or 636, connect_to, kerberos)

    @staticmethod
    def places(target: Target) -> Mapping[str, str]:
        """The organisational units by role."""
        return {name: dn for name, dn in (target.settings.get("places") or {}).items() if dn}


def own(site: Site, name: str) -> Any:
    """What belongs to every workspace, by name."""
    from ops.cli.hosts import AllHosts
    from ops.cli.past import Past

    match name:
        case "handover":
            return site.desk
        case "leavers":
            return site.leavers
        case "schedule":
            return site.schedule
        case "hosts":
            return AllHosts(site)
        case "estate":
            from ops.cli.surveying import Estate

            return Estate(site)
        case "backup":
            from ops.cli.backing_up import Backups

            return Backups(site)
        case "register":
            from ops.adapters.register_store import StoredRegister

            return StoredRegister(site.register)
    return Past(site.ledger)


def workspace_from(ctx: click.Context | None = None) -> Workspace:
    """The workspace this command is about."""
    return load(_folder(ctx))


def _folder(ctx: click.Context | None = None) -> Path:
    found = ctx or click.get_current_context(silent=True)
    named = (found.find_root().obj or {}).get("workspace", "") if found else ""
    return find(Path.cwd(), named)


def own_frameworks() -> Path | None:
    """The folder of frameworks a workspace has of its own, if there is a workspace here and it has one."""
    with suppress(NotFound):
        folder = _folder() / "frameworks"
        return folder if folder.is_dir() else None
    return None


@contextmanager
def open_site(ask: bool = True, enter: bool = True, reading: bool = False) -> Iterator[Site]:
    """Enter the workspace. A practice network that is down is an error before anything is resolved.

    Without ``enter`` only the books are open: nothing is connected to; with ``reading`` nothing is written.
    """
    os.umask(0o077)
    workspace = workspace_from()
    with ExitStack() as stack:
        if enter and workspace.environment.lab:
            from inventory.lab import Lab

            Lab(workspace.environment.lab).enter()
        harden()
        yield Site(workspace, stack, ask, reading)
