"""A place backups lie in: which there are, whether it is whole, files brought back from it, and one more put there.

What audits are given writes nothing of its own to a repository; a check of borg writes its settings anew, as they
are. The sentinel lies beside it, and only where backups.yaml asks for one.
Files are brought back into a folder of our own, never over anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from inventory.backup.assurance import Entry
from inventory.backup.databases import STEP, Answer
from inventory.backup.manifest import Measured
from inventory.backup.measuring import Seen
from inventory.backup.memory import NUMBERED, Remembered
from inventory.backup.model import Backups, Database, Job, Run, System, Target
from inventory.backup.space import Space
from ops.adapters.backup_sentinel import Beside
from ops.errors import ApplyFailed, InvalidRequest, NotAuthorised, NotFound, OpsError, Refused, Unreachable

MOST_PARTS = 256


@dataclass(frozen=True)
class Part:
    """One part of the data of a repository, of so many that all of it is read in turn; ``number`` begins with 1."""

    number: int
    of: int


class Damaged(ApplyFailed):
    """The program found something wrong; ``said`` is what it called it."""

    def __init__(self, target: Target, said: str) -> None:
        self.said = said or "it failed without a word"
        super().__init__(f"{target.name}: {self.said}", hint="look at it by hand, with the tool that made it")


class Broken(Damaged):
    """The program knew what lies there for not what was written; what other errors come from is not known."""


class Gone(NotFound):
    """Where a repository should be there is none."""


class WrongPassword(NotAuthorised):
    """It was reached, and the password does not open it."""


class NoRoom(InvalidRequest):
    """A file system was full in the middle of it: ours, or that of the target."""


class Unusable(ApplyFailed):
    """A database came back and cannot be used; the text says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why, hint=STEP)


def refused(target: Target, why: str, said: str) -> OpsError:
    """The error for what a program answered. ``why`` is one of the known reasons; else something is wrong."""
    match why:
        case "wrong password":
            return WrongPassword(
                f"{target.name}: the password does not open it",
                hint="correct what its credential in inventory/backups.yaml leads to",
            )
        case "no repository":
            return Gone(f"{target.name}: there is no repository at {target.where}", hint="is it there, mounted?")
        case "no room":
            said = "there is no room for what is brought back"
            return NoRoom(f"{target.name}: {said}", hint="free some space, or fewer: --files")
        case "damaged":
            return Broken(target, said)
    return _kept_out(target, why) or _hindered(target, why, said) or Damaged(target, said)


def _kept_out(target: Target, why: str) -> OpsError | None:
    """For what lies on the way to it."""
    match why:
        case "another host":
            return Refused(f"{target.name}: the host is not the one that was confirmed", hint="ops host trust")
        case "key refused":
            hint = "is the key named as its identity among the account's authorized_keys?"
            return NotAuthorised(f"{target.name}: the host does not let this key in", hint=hint)
        case "cut off":
            return Unreachable(f"{target.name}: the connection broke off", hint="is it up? try again")
    return None


def _hindered(target: Target, why: str, said: str) -> OpsError | None:
    """For what its program met there, and is no damage."""
    match why:
        case "locked":
            return Unreachable(f"{target.name} is locked by somebody else", hint="try again when that has ended")
        case "read-only":
            also = " borg writes into a repository also where it checks it" if target.tool == "borg" else ""
            said = f"what has to be written to is read-only: {said}"
            return Unreachable(f"{target.name}: {said}", hint=f"is it mounted so?{also}")
        case "no right":
            said = f"{target.tool} lacks a right: {said}"
            return NotAuthorised(f"{target.name}: {said}", hint="run it as somebody who has it")
        case "moved":
            hint = "was it written to meanwhile? try again; if it says so again, ask who put an older copy there"
            return Unreachable(f"{target.name}: {said}", hint=hint)
    return None


def numbered(target: Target, number: str) -> str:
    """The place of a repository, which has a number of its own: another one in its place is another."""
    return f"{target.place}{NUMBERED}{number[:12]}" if number else target.place


def lying_here(where: str) -> str:
    """What tells a folder of this machine from others, also through links and mounts; empty if it is none."""
    try:
        seen = Path(where).stat()
    except OSError:
        return ""
    return f"{seen.st_dev}:{seen.st_ino}"


def damage(error: OpsError) -> str:
    """What a check found wrong; what kept it from looking is raised."""
    if not isinstance(error, Damaged):
        raise error
    return error.said


class Vault(Protocol):
    """One target, opened for one look: what lies there is listed once."""

    target: Target

    def place(self) -> str:
        """Where it lies, with the number of its own that a repository has; asked for when it was listed."""
        return self.target.place

    def lies(self) -> str:
        """What tells its folder from others, by whatever path it is reached; empty where nobody can say."""
        return lying_here(self.target.where)

    def runs(self, paths: Sequence[str]) -> list[Run]:
        """The backups that hold one of these paths, oldest first; what each held only where listing them tells."""
        ...

    def sized(self, runs: Sequence[Run]) -> list[Run]:
        """The same, with what each held, where listing them did not tell and the tool does when asked."""
        return list(runs)

    def held(self, run: Run, paths: Sequence[str]) -> tuple[str, ...]:
        """Those of these paths that are in a backup."""
        return tuple(path for path in paths if path in run.paths)

    def record(self, run: Run) -> str:  # noqa: ARG002
        """The file below its place that is written last of a backup; empty where there is none."""
        return ""

    def unlock(self) -> None:
        """Open it with its key and do no more; raise ``WrongPassword``."""
        ...

    def structure(self) -> str:
        """Check that everything that is listed is there; what is wrong, or empty."""
        ...

    def parts(self, most: int) -> int:
        """Into how many parts, at most, the data are divided to be read in turn."""
        return max(1, min(MOST_PARTS, most))

    def data(self, part: Part) -> str:
        """Read a part of the data and compare it with its hashes; what is wrong, or empty."""
        ...

    def entries(self, run: str) -> Iterator[Entry]:
        """The regular files of a backup, one by one; hashes only where the tool has them."""
        ...

    def hashes(self, run: str) -> bool:
        """Whether all that comes back of a backup is compared with hashes kept with it; raise ``Damaged``."""
        ...

    def restore(self, run: str, paths: Sequence[str], into: Path) -> None:
        """Bring files back below an empty folder, each at its whole path; raise ``ApplyFailed``."""
        ...

    def manifest(self, run: str) -> Iterator[bytes] | None:  # noqa: ARG002
        """The lines of the manifest that lies beside a backup; None where none was written."""
        return None

    def spelling(self, path: str) -> str:
        """How ``entries`` writes a path: some tools lose octets that are no UTF-8."""
        return path


@dataclass(frozen=True)
class Mark:
    """What a backup of ours is found again by: the run that made it, and the job."""

    run: str
    job: str


class WritableVault(Vault, Protocol):
    """One target, opened to put one more backup there."""

    def made(self, mark: Mark) -> Run | None:
        """The backup that bears this mark."""
        ...

    def make(self, mark: Mark, paths: Sequence[str]) -> str:
        """Put a backup of these paths there; what the tool complained of."""
        ...

    def attach(self, run: Run, mark: Mark, manifest: Path) -> None:
        """Put the manifest of a backup beside it."""
        ...

    def settled(self) -> None:
        """Take away locks of programs that live no more: they keep others from removing what is old."""
        ...


class Original(Protocol):
    """Where a system's files are now."""

    def unchanged(self, files: Sequence[Seen]) -> list[str]:
        """The SHA-256 of each file that still has this size and time; empty for one that has not, or is not there."""
        ...


class Source(Original, Protocol):
    """The machine whose data are backed up."""

    def absent(self, paths: Iterable[str]) -> list[str]:
        """The paths no backup could be made of, each with the reason."""
        ...

    def walked(self, paths: Iterable[str]) -> Iterator[Seen]:
        """Every regular file below, in the order of a manifest."""
        ...

    def measured(self, paths: Iterable[str]) -> Iterator[Measured]:
        """The same, each read and hashed; raise ``Refused`` for one that may not be read."""
        ...


class BackupReader(Protocol):
    """What is to be protected, and the targets, each opened when it is asked for."""

    @property
    def plan(self) -> Backups: ...

    @property
    def now(self) -> datetime: ...

    def vault(self, name: str) -> Vault:
        """One of the targets; raise ``Unreachable``, ``NotAuthorised`` or ``NotFound``."""
        ...

    def ready(self, again: bool) -> None:
        """Ask for all that opens the targets, once and here, before they are looked into side by side.

        ``again``: keys kept elsewhere are tried though that is not due.
        """
        ...

    def escrowed(self, name: str) -> Vault | None:
        """The same target, opened with the copy of its key that is kept elsewhere; None where none is named."""
        ...

    def beside(self, name: str) -> AbstractContextManager[Beside]:
        """The folder a target lies in, as whoever writes backups meets it; raise ``NotOffered``."""
        ...

    def space(self, name: str) -> Space:
        """How much room there is where a target lies; raise ``NotOffered`` where nobody tells."""
        ...

    def written(self, name: str, file: str) -> datetime | None:
        """When a file below the place of a target was written; None where that cannot be seen."""
        ...

    def met(self, vault: Vault) -> None:
        """What was proven of another repository in its place is passed over from now on."""
        ...

    def proven(self, subject: str) -> Mapping[str, datetime]:
        """When each rule was last seen to hold for a job or a target, by earlier runs of ours."""
        ...

    def tested(self, job: str, rule: str = "restore") -> Remembered | None:
        """The newest verdict a restore test of ours gave on the files of a job, or on its databases."""
        ...

    def room(self) -> AbstractContextManager[Path]:
        """An empty private folder to bring files back to; it is gone afterwards, whatever happens."""
        ...

    def opened(self, database: Database, file: Path, folder: Path) -> Answer:
        """Open a database that was brought back, and ask it, in an empty folder; raise ``Unusable``."""
        ...

    def original(self, system: System) -> Original | None:
        """Where a system's files are, here or on a host of the inventory; None where nobody can look."""
        ...

    def source(self, system: System) -> Source | None:
        """The machine a system's data are on; None where this version cannot look."""
        ...


class BackupWriter(BackupReader, Protocol):
    """The same, and backups of jobs are made."""

    def make(self, job: str) -> None:
        """Make a backup of a job, go on with the one this run began, and prove it; raise ``NotVerified``."""
        ...

    def proved(self, job: str) -> bool:
        """Whether this run's backup of a job is there, whole and beside its manifest."""
        ...

    def measures(self, job: str) -> Mapping[str, int | str]:
        """What was counted of a backup that was proved."""
        ...


def job_named(plan: Backups, name: str) -> Job:
    """One of the jobs; raise ``NotFound``."""
    found = next((one for one in plan.jobs if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in plan.jobs)
        raise NotFound(f"backups.yaml has no job {name}", hint=f"there are: {known or 'none'}")
    return found
