"""Backups as they will be: what is planned appears, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from inventory.backup.databases import Answer
from inventory.backup.memory import Remembered
from inventory.backup.model import Backups, Database, System
from inventory.backup.space import Space
from ops.adapters.backup import BackupReader, BackupWriter, Original, Source, Vault
from ops.adapters.backup_sentinel import Beside
from ops.change import Change, one_by_one
from ops.errors import OpsError, Refused


class ProjectedBackups(BackupWriter):
    """Another reader, and the jobs that are to get a backup."""

    def __init__(self, base: BackupReader, planned: Sequence[str] = ()) -> None:
        self._base = base
        self._planned = list(planned)

    @property
    def plan(self) -> Backups:
        return self._base.plan

    @property
    def now(self) -> datetime:
        return self._base.now

    def vault(self, name: str) -> Vault:
        return self._base.vault(name)

    def ready(self, again: bool) -> None:
        self._base.ready(again)

    def escrowed(self, name: str) -> Vault | None:
        return self._base.escrowed(name)

    def beside(self, name: str) -> AbstractContextManager[Beside]:
        return self._base.beside(name)

    def space(self, name: str) -> Space:
        return self._base.space(name)

    def written(self, name: str, file: str) -> datetime | None:
        return self._base.written(name, file)

    def met(self, vault: Vault) -> None:
        self._base.met(vault)

    def proven(self, subject: str) -> Mapping[str, datetime]:
        return self._base.proven(subject)

    def tested(self, job: str, rule: str = "restore") -> Remembered | None:
        return self._base.tested(job, rule)

    def room(self) -> AbstractContextManager[Path]:
        return self._base.room()

    def opened(self, database: Database, file: Path, folder: Path) -> Answer:
        return self._base.opened(database, file, folder)

    def original(self, system: System) -> Original | None:
        return self._base.original(system)

    def source(self, system: System) -> Source | None:
        return self._base.source(system)

    def make(self, job: str) -> None:
        if job in self._planned:
            raise Refused(f"{job} is to be backed up twice", hint="once is enough for one run")
        self._planned.append(job)

    def proved(self, job: str) -> bool:
        return job in self._planned

    def measures(self, job: str) -> Mapping[str, int | str]:  # noqa: ARG002
        return {}

    def mark(self) -> int:
        """How many are planned."""
        return len(self._planned)

    def back_to(self, mark: int) -> None:
        """Take back every backup planned since."""
        del self._planned[mark:]

    def rehearsal(self) -> ProjectedBackups:
        """A picture of the same: looking costs little."""
        return self.heir()

    def heir(self) -> ProjectedBackups:
        """A picture of the same with what is planned in it."""
        return ProjectedBackups(self._base, self._planned)

    def asked(self) -> Mapping[str, Mapping[str, None]]:
        """Nothing is asked beforehand."""
        return {}

    def warm(self, questions: Mapping[str, Mapping[str, None]]) -> None:
        """Nothing to prepare."""

    def snapshot(self, refs: Iterable[str]) -> ProjectedBackups:  # noqa: ARG002
        return self

    def projection(self) -> ProjectedBackups:
        """A picture over this one."""
        return ProjectedBackups(self)

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return ref

    def apply_all(self, changes: Sequence[Change[Any]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)
