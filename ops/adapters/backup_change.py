"""Making a backup as a change: it appears beside those that are there, and nothing of them goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from inventory.backup.model import MAKERS, Job
from ops.adapters.backup import BackupReader, BackupWriter, job_named
from ops.change import Change, Detail, Guard, Premise
from ops.errors import NotOffered, Refused


@dataclass(frozen=True)
class Backup(Change[BackupWriter]):
    """A job gets one more backup; the subject is its name, ``after`` says of what, where and with what.

    It leaves nothing that a second plan could compare: whoever asks again gets another one. It is never removed
    again by us, so there is no way back.
    """

    one_shot: ClassVar[bool] = True
    long: ClassVar[bool] = True
    guard: ClassVar[Guard] = "none"
    system: str = ""

    def apply(self, adapter: BackupWriter) -> None:
        adapter.make(self.subject)

    def observe(self, adapter: BackupWriter) -> Any:
        return self.after if adapter.proved(self.subject) else self.before

    def holds(self, adapter: BackupWriter) -> bool:
        return adapter.proved(self.subject)

    def proof(self, adapter: BackupWriter) -> dict[str, Any]:
        return dict(adapter.measures(self.subject))

    def about(self) -> str:
        return f"{self.subject} ({self.system})"

    def sentence(self) -> str:
        return f"gets a backup of {self.after['paths']} on {self.after['target']}, with {self.after['tool']}"

    def details(self) -> tuple[Detail, ...]:
        return tuple(Detail(name, "", value) for name, value in self.after.items())

    def public(self) -> dict[str, Any]:
        return {"attributes": sorted(self.after)}


@dataclass(frozen=True)
class AllThere(Premise[BackupReader]):
    """Every path of a job is there, its tool can take it, and its repository opens.

    Some tools leave a missing path out and say that all is well.
    """

    def check(self, reader: BackupReader) -> None:
        job = job_named(reader.plan, self.subject)
        target = reader.plan.targets[job.target]
        if target.tool not in MAKERS:
            raise NotOffered(f"{target.name}: no backups are made with {target.tool}", hint="by hand, so far")
        missing = absent(reader, job)
        if missing:
            hint = "is it mounted? nothing was written"
            raise Refused(f"{job.name} cannot be backed up whole: {', '.join(missing)}", hint=hint)
        reader.vault(target.name).runs(job.paths)


def absent(reader: BackupReader, job: Job) -> list[str]:
    """The paths of a job that are not there; raise ``Refused`` where nobody can look."""
    system = reader.plan.systems[job.system]
    source = reader.source(system)
    if source is None:
        hint = f"run it on {system.host} itself, where inventory/hosts.yaml has {system.host} with credential: local"
        raise Refused(f"the data of {job.name} are on {system.host}, which is not this machine", hint=hint)
    return source.absent(job.paths)
