"""Backups of a workspace as something to be changed: jobs of ours are made, with the tools of their targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from ops.adapters.backup import BackupWriter, WritableVault, job_named
from ops.adapters.backup_making import Making
from ops.adapters.backup_projection import ProjectedBackups
from ops.change import Change, one_by_one
from ops.cli.vaulting import Vaults
from ops.errors import OpsError, Refused

if TYPE_CHECKING:
    from ops.cli.site import Site

WORK = "backups-begun"


class Backups(Vaults, BackupWriter):
    """Everything audits and operations may ask and do."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._begun: dict[str, Making] = {}

    def _making(self, job: str) -> Making:
        """The backup of a job that this run makes."""
        if job not in self._begun:
            wanted = job_named(self.plan, job)
            vault, source = self.vault(wanted.target), self.source(self.plan.systems[wanted.system])
            if source is None:
                raise Refused(f"the data of {job} are not on this machine", hint="ops backup run says more")
            folder = self._site.workspace.state / WORK
            self._begun[job] = Making(cast(WritableVault, vault), source, wanted, self._site.run, folder, self.room)
        return self._begun[job]

    def make(self, job: str) -> None:
        self._making(job).make()

    def proved(self, job: str) -> bool:
        return self._making(job).proved()

    def measures(self, job: str) -> Mapping[str, int | str]:
        return self._making(job).measures

    def projection(self) -> ProjectedBackups:
        """Backups as they will be, for planning."""
        return ProjectedBackups(self)

    def snapshot(self, refs: Iterable[str]) -> Backups:  # noqa: ARG002
        return self

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return ref

    def apply_all(self, changes: Sequence[Change[Any]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)
