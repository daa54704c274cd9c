"""Whether every system can be brought back, as far as its backups can be looked at without bringing anything back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

from inventory.backup import rules
from inventory.backup.copies import Copy, Leg, legs
from inventory.backup.model import Backups, Job, System, Target
from inventory.backup.rules import Judged
from ops.adapters.backup import BackupReader
from ops.adapters.backup_look import Look, look
from ops.adapters.backup_sides import side_by_side
from ops.audit import audit
from ops.finding import Finding, Seen, Source, Verdict

TEST = "ops backup restore-test"
DAMAGED = (
    "keep the repository as it is; bring back with its own tool what still can be, and make another backup elsewhere"
)
NEXT = {
    "freshness": "run the job, and see why it did not",
    "start": "look at the schedule of the job",
    "finish": "look at what takes the time",
    "shape": "compare what is in it with the system",
    "sources": "see whether the path is there and mounted",
    "structure": DAMAGED,
    "data": DAMAGED,
    "3 copies": "keep another copy",
    "2 media": "keep a copy on another kind of medium",
    "1 elsewhere": "keep a copy at another site",
    "1 unchangeable": "keep a copy offline, or let whoever writes backups only add: ops help backups",
    "0 errors": TEST,
    "restore": TEST,
    "database": TEST,
    "room": "make room, or give it more: keep fewer old backups, by the rules agreed for them",
    "sentinel": "let whoever writes backups only add: ops help backups",
}


@audit
def check(
    backup: BackupReader,
    again: Annotated[bool, "prove structure, keys and sentinels anew, though that is not due"] = False,
) -> Iterator[Finding | Seen]:
    """Check every job of backups.yaml: fresh, on time, of the usual shape and all sources; every target: whole.

    A repository's structure is checked, and a part of its data read, as often as their cadence asks; what was read is
    remembered. Where a target says sentinel: true, a file of ours is written there and tried to be removed; nothing
    else of ours is ever written. What cannot be looked at is UNKNOWN, and never green. Then 3-2-1-1-0 for each system.
    """
    plan = backup.plan
    found = _looks(backup, again)
    copies: dict[str, list[Copy]] = {tag: [] for tag in plan.systems}
    told: set[str] = set()
    for job in plan.jobs:
        system, seen = plan.systems[job.system], found[job.target]
        if job.target not in told:
            told.add(job.target)
            name = seen.target.name
            yield from (_finding(name, name, one, seen.target, backup.now, job.name) for one in seen.all)
        judged = [*seen.jobs[job.name], *_brought_back(backup, job, system)]
        about = f"{job.name} ({system.asset})"
        yield from (_finding(job.name, about, one, seen.target, backup.now, job.name) for one in judged)
        copies[system.asset].append(_copy(job, seen, judged))
    for system in plan.systems.values():
        yield from (_leg(system, leg, plan, backup.now) for leg in legs(system, copies[system.asset]))
    gaps = [gap for seen in found.values() for gap in seen.gaps]
    gaps += [f"{name}: no job of backups.yaml makes copies there" for name in plan.targets if name not in found]
    yield Seen(sum(seen.entered for seen in found.values()), "jobs", tuple(gaps))


def _looks(backup: BackupReader, again: bool) -> dict[str, Look]:
    """Each target that has a job, looked into beside others; what lies in one place is entered once at a time."""
    plan = backup.plan
    places: dict[str, list[str]] = {}
    for name in dict.fromkeys(job.target for job in plan.jobs):
        places.setdefault(plan.targets[name].where, []).append(name)
    backup.ready(again)
    looks = side_by_side([partial(_one_place, backup, names, again) for names in places.values()])
    return {seen.target.name: seen for some in looks for seen in some}


def _one_place(backup: BackupReader, names: Sequence[str], again: bool) -> list[Look]:
    jobs = {name: [job for job in backup.plan.jobs if job.target == name] for name in names}
    return [look(backup, backup.plan.targets[name], jobs[name], again) for name in names]


def _brought_back(backup: BackupReader, job: Job, system: System) -> Iterator[Judged]:
    """What restore tests say of its files, and of its databases if it names some."""
    within, known = backup.plan.cadence[system.tier].restore, backup.proven(job.name)
    for rule in ("restore", "database") if job.databases else ("restore",):
        yield rules.restored(known.get(rule), backup.tested(job.name, rule), within, backup.now, rule)


def _copy(job: Job, seen: Look, judged: Sequence[Judged]) -> Copy:
    holds = {"PASS": True, "FAIL": False}
    worst = max((Verdict[one.verdict] for one in seen.whole), default=Verdict.UNKNOWN)
    back = max(Verdict[one.verdict] for one in judged if one.rule in ("restore", "database"))
    held = [holds.get(one.verdict) for one in judged if one.rule in ("freshness", "sources")]
    fresh = False if False in held else None if None in held else True
    proven = (fresh, holds.get(worst.name), holds.get(back.name), seen.fixed)
    return Copy(seen.target, job.paths, *proven, seen.number, seen.lies)


def _finding(subject: str, about: str, one: Judged, target: Target, now: datetime, job: str) -> Finding:
    source = Source("your own evidence" if one.of else f"{target.name} ({target.tool})", one.of or now)
    sources = () if one.because == "never proven" else (source,)
    step = one.step or _step(one.rule, one.verdict)
    step += f" {job}" if step.endswith(TEST) else ""
    return Finding(subject, about, one.rule, Verdict[one.verdict], one.because, step, sources)


def _step(rule: str, verdict: str) -> str:
    known = NEXT.get(rule) or NEXT.get(rule.partition(" ")[0], "")
    unproven = rule in ("0 errors", "restore", "database") and verdict == "UNKNOWN"
    return known if verdict in ("FAIL", "WARN") or unproven else ""


def _errors(leg: Leg, jobs: Sequence[Job]) -> str:
    """What is to be done about errors, or proofs that are due: each job in a command of its own."""
    tests = [f"{TEST} {job.name}" for job in jobs if job.target in leg.untried]
    return "; ".join(tests) or "see what is said of its jobs and targets; each check reads a part of the data"


def _leg(system: System, leg: Leg, plan: Backups, now: datetime) -> Finding:
    step, jobs = _step(leg.name, leg.verdict), plan.jobs_of(system.asset)
    if step == TEST:
        step = _errors(leg, jobs)
    sources = tuple(Source(job.target, now) for job in jobs)
    return Finding(system.asset, system.asset, leg.name, Verdict[leg.verdict], leg.because, step, sources)
