"""Everything there is to see of one target: each of its jobs, whether it is whole, its key, and the sentinel.

One thing that cannot be seen keeps nothing else from being looked at; it is UNKNOWN, with the next step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from inventory.backup import rules
from inventory.backup.machines import of_system
from inventory.backup.memory import NUMBERED, OPENS
from inventory.backup.model import Cadence, Job, Run, System, Target
from inventory.backup.rules import COMPARED, Judged
from inventory.backup.space import room
from ops.adapters.backup import BackupReader, Broken, Gone, Part, Vault, WrongPassword
from ops.adapters.backup_sentinel import Attempt
from ops.errors import OpsError

UNSEEN = ("start", "finish", "shape", "sources")  # what else is asked of a job


@dataclass
class Look:
    """What was found. ``jobs`` is by name; ``whole`` is on structure and data, ``held`` on its key and the sentinel.

    ``kept`` is on the room left for more, ``opened`` on whether it could be opened at all, and where it is.
    ``again`` proves anew what was proven within its cadence.
    """

    target: Target
    again: bool = False
    jobs: dict[str, list[Judged]] = field(default_factory=dict)
    whole: list[Judged] = field(default_factory=list)
    held: list[Judged] = field(default_factory=list)
    kept: list[Judged] = field(default_factory=list)
    opened: list[Judged] = field(default_factory=list)
    lies: str = ""  # what tells its folder from others
    entered: int = 0  # jobs that could be looked at
    refused: bool = False  # the password did not open it
    gaps: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[Judged]:
        """All that concerns the target itself."""
        return [*self.opened, *self.whole, *self.held, *self.kept]

    @property
    def number(self) -> str:
        """That of the repository that was opened, where its tool gives it one."""
        told = [one.because for one in self.opened if one.verdict == "PASS" and NUMBERED in one.because]
        return told[0].rpartition(NUMBERED)[2] if told else ""

    @property
    def fixed(self) -> bool | None:
        """Whether what is written there stays; None where nobody saw it."""
        seen = {one.verdict for one in self.held if one.rule == "sentinel"}
        return False if "FAIL" in seen else True if self.target.offline or "PASS" in seen else None


def look(backup: BackupReader, target: Target, jobs: Sequence[Job], again: bool) -> Look:
    """Look into a target for some jobs; nothing is raised that concerns this target alone."""
    found = Look(target, again)
    cadence = backup.plan.cadence_of(target.name)
    try:
        vault = backup.vault(target.name)
    except OpsError as error:
        _closed(found, jobs, error)
    else:
        for job in jobs:
            _job(backup, vault, job, found)
        if found.entered:
            backup.met(vault)
            found.lies = vault.lies()
            found.opened = [Judged(OPENS, "PASS", vault.place())]
            broken = [one for one in found.whole if one.verdict == "FAIL"]  # of a job that could not be looked at
            found.whole = [*broken, *_integrity(backup, vault, cadence, again or bool(broken))]
    found.kept = list(_room(backup, target))
    found.held = [*_key(backup, found, cadence), *_sentinel(backup, found, cadence)]
    return found


def _job(backup: BackupReader, vault: Vault, job: Job, found: Look) -> None:
    try:
        system = backup.plan.systems[job.system]
        runs = of_system(backup.plan, system, vault.runs(job.paths))
        recent = vault.sized(runs[-COMPARED - 1 :])
        recent[-1:] = [_newest(backup, vault, job, run) for run in recent[-1:]]
        found.jobs[job.name] = list(_judged(system, job, recent, backup.now))
        found.entered += 1
    except OpsError as error:
        _closed(found, [job], error)


def _newest(backup: BackupReader, vault: Vault, job: Job, run: Run) -> Run:
    """The one backup of a job that is looked at more closely than the others."""
    record = "" if run.ended else vault.record(run)
    written = backup.written(vault.target.name, record) if record else None
    return replace(run, paths=vault.held(run, job.paths), written=written or run.written)


def _closed(found: Look, jobs: Sequence[Job], error: OpsError) -> None:
    """Nothing of these jobs could be seen: what was seen another day is no answer to what was asked now."""
    first = _unseen("freshness", error, found.target.offline)
    unseen = [replace(first, rule=rule, verdict="UNKNOWN") for rule in UNSEEN]
    found.jobs |= {job.name: [first, *unseen] for job in jobs}
    found.gaps += [f"{job.name}: {error}" for job in jobs]
    broken = isinstance(error, Broken)
    found.opened = _worst(found.opened, replace(first, rule=OPENS, verdict="FAIL" if broken else first.verdict))
    found.whole = _worst(found.whole, replace(first, rule="structure", verdict="FAIL" if broken else "UNKNOWN"))
    found.refused |= isinstance(error, WrongPassword)


def _worst(before: list[Judged], now: Judged) -> list[Judged]:
    """What kept one job from being looked at hides no damage that was met at another."""
    return before if any(one.verdict == "FAIL" for one in before) else [now]


def _judged(system: System, job: Job, runs: Sequence[Run], now: datetime) -> Iterator[Judged]:
    fresh = rules.freshness(system, job, runs, now)
    yield fresh
    if fresh.verdict == "ERROR":  # nothing is late or on time by a clock that is wrong
        yield from (replace(fresh, rule=rule, verdict="UNKNOWN") for rule in ("start", "finish"))
    else:
        yield rules.start(job, runs, now)
        yield rules.finish(job, runs)
    yield rules.shape(runs)
    yield rules.sources(job, runs[-1] if runs else None)


def _unseen(rule: str, error: OpsError, offline: bool = False) -> Judged:
    """Why it was not seen. That something offline is not here is as it should be, and proves nothing either."""
    if offline and isinstance(error, Gone):
        return Judged(rule, "UNKNOWN", f"{error}: it lies offline", step="attach it, and look again")
    return Judged(rule, "FAIL" if isinstance(error, Gone) else "UNKNOWN", str(error), step=error.hint)


def _integrity(backup: BackupReader, vault: Vault, cadence: Cadence, again: bool) -> Iterator[Judged]:
    """Structure where it is due; each time the part of the data that was read longest ago."""
    before, now = backup.proven(vault.target.name), backup.now
    last = before.get("structure")
    if last is not None and now - last <= cadence.structure and not again:
        yield rules.cadence("structure", last, cadence.structure, now)
    else:
        yield _checked("structure", vault.structure, "checked now: all that is listed is there")
    yield from _data(vault, before, cadence, now)


def _data(vault: Vault, before: Mapping[str, datetime], cadence: Cadence, now: datetime) -> Iterator[Judged]:
    """One part a run, so that all of them are read within the cadence if it runs daily."""
    of = vault.parts(cadence.data.days)
    read = {number: before.get(f"data {number}/{of}") for number in range(1, of + 1)}
    part = Part(min(read, key=lambda number: (read[number] is not None, read[number] or now, number)), of)
    seen = _checked(
        f"data {part.number}/{of}", lambda: vault.data(part), "read now: what is in it is as its hashes say"
    )
    yield seen
    if seen.verdict != "PASS":
        return
    read[part.number] = now
    recent = [at for at in read.values() if at is not None and now - at <= cadence.data]
    left, oldest = of - len(recent), min(recent)
    told = f"{len(recent)} of {of} parts were read in the last {cadence.data.days} days"
    told += f", the oldest {oldest:%Y-%m-%d %H:%M} UTC" if oldest < now else ""
    yield Judged("data", "UNKNOWN" if left else "PASS", told + _more(left), oldest if oldest < now else None)


def _more(left: int) -> str:
    return f"; {left} more {'run reaches' if left == 1 else 'runs reach'} the rest" if left else ""


def _checked(rule: str, act: Callable[[], str], well: str) -> Judged:
    try:
        wrong = act()
    except OpsError as error:
        return _unseen(rule, error)
    return Judged(rule, "FAIL" if wrong else "PASS", wrong or well)


def _room(backup: BackupReader, target: Target) -> Iterator[Judged]:
    """How much room is left for more; of what lies offline nobody asks here."""
    if target.offline:
        return
    try:
        yield room(backup.space(target.name))
    except OpsError as error:
        yield _unseen("room", error)


def _key(backup: BackupReader, found: Look, cadence: Cadence) -> Iterator[Judged]:
    """Whether the copy of the key that is kept elsewhere opens it, as often as is due, or when the own does not."""
    target = found.target
    if not target.encrypted:
        return
    last = backup.proven(target.name).get("key")
    if target.escrow and last is not None and backup.now - last <= cadence.key and not (found.again or found.refused):
        yield rules.cadence("key", last, cadence.key, backup.now)
    else:
        yield _opened(backup, target)


def _opened(backup: BackupReader, target: Target) -> Judged:
    try:
        vault = backup.escrowed(target.name)
        if vault is None:
            return Judged("key", "UNKNOWN", "no copy of its key is named", step="name where it is kept, as escrow")
        vault.unlock()
    except WrongPassword:
        step = "put the right one away, while there still is one that opens it"
        return Judged("key", "FAIL", "the key that is kept elsewhere does not open it", step=step)
    except OpsError as error:
        return Judged("key", "UNKNOWN", str(error), step=error.hint)
    return Judged("key", "PASS", "the key that is kept elsewhere opened it now")


def _sentinel(backup: BackupReader, found: Look, cadence: Cadence) -> Iterator[Judged]:
    """Whether what is written there can be removed, tried with a file of ours where ``backups.yaml`` allows it."""
    target = found.target
    if not target.sentinel:
        if not target.offline:
            found.gaps.append(f"{target.name}: whether what is written can be removed (sentinel: true tries it)")
        return
    last = backup.proven(target.name).get("sentinel")
    if last is not None and backup.now - last <= cadence.sentinel and not found.again:
        yield rules.cadence("sentinel", last, cadence.sentinel, backup.now)
        return
    try:
        with backup.beside(target.name) as beside:
            tried = Attempt(beside, backup.now).made()
    except OpsError as error:
        yield Judged("sentinel", "UNKNOWN", str(error), step=error.hint)
        return
    yield Judged("sentinel", tried.verdict, tried.because)
