"""Backups of a workspace: what ``backups.yaml`` says, each target opened with its tool, and what was proven before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from inventory.backup.databases import Answer
from inventory.backup.memory import TEST, Newest, Remembered, newest, places, proven, still
from inventory.backup.model import Backups, Database, System
from inventory.backup.reading import read_backups
from inventory.backup.space import Space
from inventory.model import Target as Host
from ops.adapters.backup import BackupReader, Original, Source, Vault
from ops.adapters.backup_here import Here
from ops.adapters.backup_sentinel import Beside
from ops.adapters.credentials import resolve
from ops.cli.remembering import remembered
from ops.errors import InvalidRequest, NotFound, OpsError
from ops.private import held_folder, private_folder, sweep_folders
from ops.secret import Secret

if TYPE_CHECKING:
    from ops.cli.site import Site

FILE = "inventory/backups.yaml"
ROOM = "restored-"


class Vaults(BackupReader):
    """Everything audits of backups may ask."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._open: dict[str, Vault] = {}
        self._keys: dict[str, Secret | OpsError | None] = {}
        self._now = datetime.now(UTC)
        self._asking, self._knowing = Lock(), RLock()
        self._met: dict[str, str] = {}

    @property
    def now(self) -> datetime:
        return self._now

    @cached_property
    def plan(self) -> Backups:
        return read_plan(self._site)[1]

    def vault(self, name: str) -> Vault:
        """A target with its tool; opened once."""
        if name not in self._open:
            self._open[name] = self._opened(name)
        return self._open[name]

    def _opened(self, name: str) -> Vault:
        from ops.cli.vault_doors import opened

        self.sweep()
        target = self.plan.targets[name]
        return opened(self._site, target, self._key(target.credential, f"backup:{name}"))

    def ready(self, again: bool) -> None:
        """Passwords are asked for, and evidence read, before anything runs beside anything."""
        self.proven("")
        for name in dict.fromkeys(job.target for job in self.plan.jobs):
            target, last = self.plan.targets[name], self.proven(name).get("key")
            due = again or last is None or self._now - last > self.plan.cadence_of(name).key
            for named, account in ((target.credential, "backup"), (target.escrow * due, "escrow")):
                with suppress(OpsError):  # told when it is used
                    self._key(named, f"{account}:{target.name}")

    def _key(self, named: str, account: str) -> Secret | None:
        """What a reference leads to; asked for once, one at a time, and what went wrong is raised each time."""
        with self._asking:
            if named and account not in self._keys:
                try:
                    self._keys[account] = resolve(named, account, self._site.workspace.folder, self._site.ask)
                except OpsError as error:
                    self._keys[account] = error
        found = self._keys.get(account)
        if isinstance(found, OpsError):
            raise found
        return found

    def escrowed(self, name: str) -> Vault | None:
        from ops.cli.vault_doors import opened

        target = self.plan.targets[name]
        if not target.escrow:
            return None
        return opened(self._site, target, self._key(target.escrow, f"escrow:{name}"))

    def beside(self, name: str) -> AbstractContextManager[Beside]:
        from ops.cli.vault_doors import beside

        return beside(self._site, self.plan.targets[name])

    def opened(self, database: Database, file: Path, folder: Path) -> Answer:
        from ops.adapters.backup_trial import postgresql, sqlite

        if database.kind == "sqlite":
            return sqlite(file, database.query)
        return postgresql(file, database.query, folder)

    def original(self, system: System) -> Original | None:
        from ops.adapters.ssh_originals import Far
        from ops.cli.hosts import door

        host = self._host(system)
        if host is None or host.credential == "local":
            return Here() if host else None
        return Far(door(host, self._site.workspace.folder))

    def source(self, system: System) -> Source | None:
        """The machine of a system where it is this one."""
        host = self._host(system)
        return Here() if host and host.credential == "local" else None

    def _host(self, system: System) -> Host | None:
        """The host of the inventory a system is on."""
        host = self._site.workspace.targets.get(system.host)
        return host if host and host.kind == "host" else None

    def space(self, name: str) -> Space:
        from ops.cli.vault_doors import space

        return space(self._site, self.plan.targets[name])

    def written(self, name: str, file: str) -> datetime | None:
        from ops.cli.vault_doors import written

        return written(self._site, self.plan.targets[name], file)

    def proven(self, subject: str) -> Mapping[str, datetime]:
        with self._knowing:
            return self._proofs.get(subject, {})

    @cached_property
    def _proofs(self) -> Mapping[str, Mapping[str, datetime]]:
        """Subject → rule → when it last held."""
        return proven(self._remembered)

    @cached_property
    def _remembered(self) -> tuple[Remembered, ...]:
        return tuple(still(self._all, self.plan, self._met))

    @cached_property
    def _all(self) -> list[Remembered]:
        return remembered(self._site.ledger)

    def met(self, vault: Vault) -> None:
        name, place = vault.target.name, vault.place()
        with self._knowing:  # targets are met side by side
            if self._places.get(name) == place:
                return
            self._met[name] = place
            for known in ("_remembered", "_proofs", "_tests"):  # made of rows of the one that was there before
                self.__dict__.pop(known, None)

    @cached_property
    def _places(self) -> dict[str, str]:
        return places(self._all)

    def tested(self, job: str, rule: str = "restore") -> Remembered | None:
        with self._knowing:
            return self._tests.get((job, rule))

    @cached_property
    def _tests(self) -> Newest:
        return newest(one for one in self._remembered if one.audit == TEST)

    @property
    def _rooms(self) -> Path:
        return self._site.workspace.state / "restored"

    def sweep(self) -> None:
        """What a run brought back in clear that was killed goes."""
        sweep_folders(self._rooms, ROOM)

    @contextmanager
    def room(self) -> Iterator[Path]:
        folder = private_folder(self._rooms)
        with held_folder(folder, ROOM) as made:
            yield made


def read_plan(site: Site) -> tuple[str, Backups]:
    """The text of ``backups.yaml`` and what it says; raise ``NotFound`` if there is none, ``InvalidRequest``."""
    path = site.workspace.folder / FILE
    if not path.is_file():
        raise NotFound(f"there is no {FILE}", hint="ops help backups shows a whole one")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{FILE} is not in UTF-8", hint="save it as UTF-8") from error
    plan = read_backups(text, FILE)
    for target in plan.targets.values():
        if _one_file(site.workspace.folder, target.credential, target.escrow):
            hint = "name the copy that is kept elsewhere, such as escrow: prompt"
            raise InvalidRequest(f"{FILE}: escrow of {target.name} leads to the key that is in use", hint=hint)
    return text, plan


def _one_file(folder: Path, *references: str) -> bool:
    """Whether two references lead to one file, however they are written or linked; of one that is not here, no."""
    first, second = (one.partition(":") for one in references)
    try:
        return first[0] == second[0] == "file" and (folder / first[2]).samefile(folder / second[2])
    except OSError:
        return False


def plan_rows(plan: Backups) -> list[dict[str, Any]]:
    """Each job with its system and target, for a list."""
    return [
        {
            "job": job.name,
            "system": job.system,
            "tier": plan.systems[job.system].tier,
            "target": job.target,
            "tool": plan.targets[job.target].tool,
            "paths": list(job.paths),
        }
        for job in plan.jobs
    ]
