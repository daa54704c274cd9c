"""Whether every system can be brought back, as far as its backups can be looked at without bringing anything back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from inventory.backup import rules
from inventory.backup.copies import Copy, Leg, legs
from inventory.backup.model import Backups, Cadence, Job, Run, System, Target
from inventory.backup.rules import Judged
from ops.adapters.backup import BackupReader, Part, Vault
from ops.audit import audit
from ops.errors import NotFound, OpsError
from ops.finding import Finding, Seen, Source, Verdict

NEXT = {
    "freshness": "run the job, and see why it did not",
    "start": "look at the schedule of the job",
    "finish": "look at what takes the time",
    "shape": "compare what is in it with the system",
    "sources": "see whether the path is there and mounted",
    "structure": "keep the repository as it is, and bring back what can be: ops backup restore-test",
    "data": "keep the repository as it is, and bring back what can be: ops backup restore-test",
    "3 copies": "keep another copy",
    "2 media": "keep a copy on another kind of medium",
    "1 elsewhere": "keep a copy at another site",
    "0 errors": "ops backup restore-test",
    "restore": "ops backup restore-test",
}
NOT_HERE = ("whether what is written can be removed: this version does not try it",)


@audit
def check(backup: BackupReader) -> Iterator[Finding | Seen]:
    """Check every job of backups.yaml: fresh, on time, of the usual shape and all sources; every target: whole.

    A repository's structure is checked, and a part of its data read, as often as their cadence asks; what was read is
    remembered. What cannot be looked at is UNKNOWN, and never green. Then 3-2-1-1-0 for each system.
    """
    plan, looked, gaps = backup.plan, 0, list(NOT_HERE)
    copies: dict[str, list[Copy]] = {tag: [] for tag in plan.systems}
    whole: dict[str, Judged] = {}
    for job in plan.jobs:
        system, target = plan.systems[job.system], plan.targets[job.target]
        try:
            vault = backup.vault(job.target)
            judged = list(_judged(system, job, vault.runs(job.paths), backup.now))
            if job.target not in whole:
                found = list(_integrity(backup, vault, plan.cadence[system.tier]))
                whole[job.target] = max(found, key=lambda one: Verdict[one.verdict])
                yield from (_finding(target.name, target.name, one, target, backup.now) for one in found)
            looked += 1
        except OpsError as error:
            verdict = "FAIL" if isinstance(error, NotFound) else "UNKNOWN"
            judged = [Judged("freshness", verdict, str(error))]
            gaps.append(f"{job.name}: {error}")
        judged.append(_restored(backup, job, system))
        about = f"{job.name} ({system.asset})"
        yield from (_finding(job.name, about, one, target, backup.now) for one in judged)
        copies[system.asset].append(_copy(target, judged, whole.get(target.name)))
    for system in plan.systems.values():
        yield from (_leg(system, leg, plan, backup.now) for leg in legs(system, copies[system.asset]))
    yield Seen(looked, "jobs", tuple(gaps))


def _judged(system: System, job: Job, runs: Sequence[Run], now: datetime) -> Iterator[Judged]:
    yield rules.freshness(system, job, runs, now)
    yield rules.start(job, runs, now)
    yield rules.finish(job, runs)
    yield rules.shape(runs)
    yield rules.sources(job, runs[-1] if runs else None)


def _integrity(backup: BackupReader, vault: Vault, cadence: Cadence) -> Iterator[Judged]:
    """Structure where it is due; each time the part of the data that was read longest ago."""
    before, now = backup.proven(vault.target.name), backup.now
    last = before.get("structure")
    if last is not None and now - last <= cadence.structure:
        yield rules.cadence("structure", last, cadence.structure, now)
    else:
        wrong = vault.structure()
        yield Judged("structure", "FAIL" if wrong else "PASS", wrong or "checked now: all that is listed is there")
    yield from _data(vault, before, cadence, now)


def _data(vault: Vault, before: Mapping[str, datetime], cadence: Cadence, now: datetime) -> Iterator[Judged]:
    """One part a run, so that all of them are read within the cadence if it runs daily."""
    of = vault.parts(cadence.data.days)
    read = {number: before.get(f"data {number}/{of}") for number in range(1, of + 1)}
    part = Part(min(read, key=lambda number: (read[number] is not None, read[number] or now, number)), of)
    wrong = vault.data(part)
    yield Judged(f"data {part.number}/{of}", "FAIL" if wrong else "PASS", wrong or "read now: as its hashes say")
    if wrong:
        return
    recent = {number for number, at in read.items() if at is not None and now - at <= cadence.data} | {part.number}
    left = of - len(recent)
    told = f"{len(recent)} of {of} parts were read in the last {cadence.data.days} days"
    yield Judged("data", "UNKNOWN" if left else "PASS", told + (f"; {left} more runs reach the rest" if left else ""))


def _restored(backup: BackupReader, job: Job, system: System) -> Judged:
    within = backup.plan.cadence[system.tier].restore
    return rules.restored(backup.proven(job.name).get("restore"), backup.tested(job.name), within, backup.now)


def _copy(target: Target, judged: Sequence[Judged], whole: Judged | None) -> Copy:
    holds = {"PASS": True, "FAIL": False}
    is_whole = holds.get(whole.verdict) if whole else None
    fresh, restored = holds.get(judged[0].verdict), holds.get(judged[-1].verdict)
    return Copy(target, fresh, is_whole, restored, True if target.offline else None)


def _finding(subject: str, about: str, one: Judged, target: Target, now: datetime) -> Finding:
    source = Source("your own evidence" if one.of else f"{target.name} ({target.tool})", one.of or now)
    sources = () if one.because == "never proven" else (source,)
    return Finding(subject, about, one.rule, Verdict[one.verdict], one.because, _step(one.rule, one.verdict), sources)


def _step(rule: str, verdict: str) -> str:
    known = NEXT.get(rule) or NEXT.get(rule.partition(" ")[0], "")
    unproven = rule in ("0 errors", "restore") and verdict == "UNKNOWN"
    return known if verdict in ("FAIL", "WARN") or unproven else ""


def _leg(system: System, leg: Leg, plan: Backups, now: datetime) -> Finding:
    step = _step(leg.name, leg.verdict)
    sources = tuple(Source(job.target, now) for job in plan.jobs_of(system.asset))
    return Finding(system.asset, system.asset, leg.name, Verdict[leg.verdict], leg.because, step, sources)
