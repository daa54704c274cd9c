"""What is protected, where copies lie, what makes them, and how often each proof is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from hashlib import sha256

TOOLS = ("restic", "borg", "tar", "rsync")
MAKERS = ("restic", "borg")  # tools we make backups with; the others are only looked into
MEDIA = ("disk", "tape", "object", "optical")
KINDS = ("sqlite", "postgresql")  # of databases; of the second, a dump in a format pg_restore reads
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class System:
    """One thing to protect: an asset of the register, on a host of the inventory.

    ``tier`` is 1 (most important) to 3. ``rpo`` is how much work may be lost, ``rto`` how long bringing it back may
    take. ``site`` and ``failure_domain`` say what would take it away together with copies of it. ``recorded_as`` is
    what backup programs call its machine, where that is not ``host``.
    """

    asset: str
    host: str
    tier: int
    rpo: timedelta
    rto: timedelta
    site: str
    failure_domain: str
    recorded_as: str = ""


@dataclass(frozen=True)
class Target:
    """One place copies lie in. ``where`` is as its tool is told; ``credential`` a reference, never a secret.

    ``offline`` means that it cannot be reached but by hand; ``lock_days`` that nothing written can be removed before.
    ``identity`` is the file of the SSH key that opens a place behind SSH, relative to the workspace. ``escrow`` names
    the copy of the key that is kept elsewhere. ``sentinel`` allows a file of ours to be written there, to see whether
    it can be removed; ``writer`` and ``writer_identity`` are the account and key backups are written with, where those
    that read are others.
    """

    name: str
    tool: str
    where: str
    medium: str
    site: str
    failure_domain: str
    credential: str
    key_held_by: str = ""
    encrypted: bool = True
    offline: bool = False
    lock_days: int = 0
    identity: str = ""
    escrow: str = ""
    sentinel: bool = False
    writer: str = ""
    writer_identity: str = ""

    @property
    def place(self) -> str:
        """What it is proven of: where it lies and with which tool."""
        return f"{self.tool} at {self.where}"


@dataclass(frozen=True)
class Schedule:
    """When a job starts: every so often from a time of the day on, as clocks of ``zone`` show it.

    ``day`` is one of ``DAYS`` or empty.
    """

    every: timedelta
    at: time = time(0)
    day: str = ""
    zone: tzinfo = UTC

    @property
    def fixed(self) -> bool:
        """Whether it says when a job starts; of one every two days nobody wrote down from which day on."""
        return not timedelta(days=7 if self.day else 1) % self.every

    def last_before(self, moment: datetime) -> datetime:
        """The newest start that is due at this moment, where the schedule is ``fixed``."""
        shown = moment.astimezone(self.zone).replace(tzinfo=None)
        first = datetime.combine(shown.date(), self.at)
        first -= timedelta(days=7 + ((first.weekday() - DAYS.index(self.day)) % 7 if self.day else 0))
        last = (shown - first) // self.every
        hours = timedelta(hours=3) // self.every  # by which clocks may be put back, and more
        near = (self._moment(first + number * self.every) for number in range(last - 1, last + hours + 2))
        return max(one for one in near if one <= moment)

    def _moment(self, shown: datetime) -> datetime:
        """When clocks show it; where they show it twice or skip it, the earlier of the two it may mean."""
        return min(shown.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))


@dataclass(frozen=True)
class Database:
    """A file of a job that is a database, or a dump of one; ``query`` is to answer with a number of ``at_least``.

    Without a query, all rows of all tables are counted.
    """

    path: str
    kind: str
    query: str = ""
    at_least: int = 1


@dataclass(frozen=True)
class Job:
    """What makes copies of a system: paths, when, and how late a start and an end may be."""

    name: str
    system: str
    target: str
    paths: tuple[str, ...]
    schedule: Schedule
    start_grace: timedelta
    finish_grace: timedelta
    databases: tuple[Database, ...] = ()

    @property
    def holds(self) -> str:
        """What a restore test is of: its system, paths and databases, told apart by a number."""
        of = repr((self.system, sorted(self.paths), sorted(map(repr, self.databases))))
        return f"{self.system} by {len(self.paths)} of its paths, number {sha256(of.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Cadence:
    """How often each proof is due: structure of a repository, all of its data, a restore, a removal, the other key."""

    structure: timedelta
    data: timedelta
    restore: timedelta
    sentinel: timedelta = timedelta(days=31)
    key: timedelta = timedelta(days=365)


USUAL: Mapping[int, Cadence] = {  # facts: weekly for the most important, data within 90 days, a restore monthly
    1: Cadence(timedelta(days=7), timedelta(days=90), timedelta(days=31)),
    2: Cadence(timedelta(days=30), timedelta(days=90), timedelta(days=92)),
    3: Cadence(timedelta(days=30), timedelta(days=90), timedelta(days=92)),
}


@dataclass(frozen=True)
class Backups:
    """All of ``backups.yaml``."""

    systems: Mapping[str, System] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    jobs: Sequence[Job] = ()
    cadence: Mapping[int, Cadence] = field(default_factory=lambda: USUAL)

    def cadence_of(self, target: str) -> Cadence:
        """That of the most important system whose jobs lie there."""
        return self.cadence[min(self.systems[job.system].tier for job in self.jobs if job.target == target)]

    def jobs_of(self, system: str) -> tuple[Job, ...]:
        """What makes copies of one system."""
        return tuple(job for job in self.jobs if job.system == system)


@dataclass(frozen=True)
class Run:
    """One backup as its target tells of it. ``started`` is the moment whose data it holds.

    ``ended`` is None where the tool does not tell; ``files`` and ``octets`` are what it held; ``host`` is the machine
    it was made on, where the tool records that. ``written`` is when its record was written where it lies, where the
    tool does not tell its end: it had ended by then, and the record may have been copied since.
    """

    id: str
    started: datetime
    ended: datetime | None = None
    files: int | None = None
    octets: int | None = None
    paths: tuple[str, ...] = ()
    host: str = ""
    written: datetime | None = None


def believable(moment: datetime) -> bool:
    """Whether a backup can be of this moment: any length of time can be counted on from it, and back."""
    return 1970 <= moment.year < 3000
