"""Bringing files back from a backup, to see that it can be done and what that says of all the others."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from inventory.backup.assurance import needed, sentence
from inventory.backup.durations import said
from inventory.backup.machines import of_system
from inventory.backup.memory import OF, OPENS
from inventory.backup.model import Job, Run, System
from inventory.backup.rules import HASHES, seconds
from ops.adapters.backup import BackupReader, job_named
from ops.adapters.backup_database import tried
from ops.adapters.backup_return import UNWRITTEN, Tried, brought_back
from ops.audit import audit
from ops.errors import InvalidRequest, NotFound
from ops.finding import Finding, Seen, Verdict

FEW = 0.05  # of all files, which may be left uncompared where the others are right
NAMED = 5  # files that are wrong are told by name, up to so many
ENOUGH = needed(0.05)  # right files, for 95 % certainty that at most 5 % are bad
TOO_LITTLE = "less than 1 MiB of it came back: too little to say how long all of it takes"
HALF_A_MINUTE = timedelta(minutes=0.5)  # what is said to be less than one


@audit
def restore(
    backup: BackupReader,
    job: Annotated[str, "the job, by its name in backups.yaml"],
    files: Annotated[int, "how many files are brought back of each backup"] = ENOUGH,
    by: Annotated[str, "what the files are drawn by: the same again draws the same; chance if empty"] = "",
) -> Iterator[Finding | Seen]:
    """Bring files back from the newest and the oldest backup of a job, into an empty folder, and compare them.

    The files are drawn by chance, of every size; what so many right ones say of all of them is said with its bound.
    Databases that the job names are opened, checked whole and asked, from the newest backup. Nothing is ever written
    over; what came back is deleted.
    """
    wanted = job_named(backup.plan, job)
    if files < 1:
        raise InvalidRequest("at least one file has to be brought back", hint=f"--files {ENOUGH}")
    system, vault, chance = backup.plan.systems[wanted.system], backup.vault(wanted.target), by or secrets.token_hex(8)
    runs = of_system(backup.plan, system, vault.runs(wanted.paths))
    if not runs:
        raise NotFound(f"{job} has no backup that could be brought back", hint="ops backup check")
    original = backup.original(system)
    asked = [replace(run, paths=wanted.paths) for run in _ends(runs)]
    results = [brought_back(backup, vault, original, run, files, chance) for run in asked]
    yield Finding(vault.target.name, vault.target.name, OPENS, Verdict.PASS, f"{vault.place()}{OF}{wanted.holds}")
    yield from (_told(wanted, one, chance) for one in results)
    for database in wanted.databases:
        one = tried(backup, vault, runs[-1], database)
        because = f"backup of {runs[-1].started:%Y-%m-%d %H:%M} UTC: {one.because}"
        yield Finding(job, job, one.rule, Verdict[one.verdict], because, one.step)
    yield _speed(wanted, system, results)
    unseen = [UNWRITTEN] if any(one.unwritten for one in results) else []
    unseen += [one.unseen for one in results if one.unseen]
    unseen += [f"files as they are now: {one.unasked}" for one in results[:1] if one.unasked]
    unnamed = max(one.unnamed for one in results)
    unseen += [f"{unnamed} files whose names may be told wrong"] if unnamed else []
    yield Seen(sum(one.tried for one in results), "files brought back", tuple(unseen))


def _ends(runs: Sequence[Run]) -> list[Run]:
    """The newest and the oldest; one if they are the same."""
    return [runs[-1], *([runs[0]] if len(runs) > 1 else [])]


def _told(job: Job, one: Tried, chance: str) -> Finding:
    sized = f"{one.tried} of {one.held} came back with the right size"
    what = sized if one.well and one.unseen else sentence(one.right, one.tried, one.held, one.refused)
    because = f"backup of {one.run.started:%Y-%m-%d %H:%M} UTC: {what}"
    because += f": {_few(one.wrong)}" if one.wrong else f"; {one.compared()}"
    larger = f"{one.left_out} as large or larger {'is' if one.left_out == 1 else 'are'}"
    because += f"; {larger} left out: there is no room here" if one.left_out else ""
    because += f"; {one.unnamed} more were not drawn: their names may be told wrong" if one.unnamed else ""
    because += f"; no file is in {_few(one.empty_paths)}" if one.empty_paths else ""
    because += f"; drawn by {chance}"
    verdict, step = _verdict(job, one)
    return Finding(job.name, job.name, "restore", verdict, because, step)


def _few(wrong: Sequence[str]) -> str:
    """The first few, by name: somebody has to go and look at them."""
    more = f"; and {len(wrong) - NAMED} more" if wrong[NAMED:] else ""
    return "; ".join(wrong[:NAMED]) + more


def _verdict(job: Job, one: Tried) -> tuple[Verdict, str]:
    """What it proves, and the next step: a restore of a few files, or of files nobody compared, proves nothing yet."""
    again = f"ops backup restore-test {job.name}"
    untried = not one.tried and not one.wrong
    if untried and one.unnamed:
        return Verdict.UNKNOWN, "bring one of them back by hand"
    if untried and one.moving:
        return Verdict.UNKNOWN, f"stop what writes to them, or keep a dump of it, then: ops backup run {job.name}"
    if not one.well:
        return Verdict.FAIL, f"keep the repository as it is; try others: {again}"
    if one.unseen:
        return Verdict.UNKNOWN, HASHES
    if one.empty_paths:
        return Verdict.UNKNOWN, "is it mounted there? what never holds a file need not be a path of the job"
    if one.left_out:
        return Verdict.UNKNOWN, f"free some space, then: {again}"
    if one.tried < min(ENOUGH, one.held):
        return Verdict.UNKNOWN, f"{ENOUGH} prove that it can be restored: {again}"
    if one.unnamed + one.moving > max(1, (one.held + one.unnamed + one.moving) * FEW):
        return Verdict.UNKNOWN, "bring some of those back by hand that nothing was compared with"
    return Verdict.PASS, ""


def _speed(job: Job, system: System, results: Sequence[Tried]) -> Finding:
    """How long all of it would take at the speed that was seen; a few small files say little, and it is said."""
    octets, spent = sum(one.octets for one in results), max(sum(one.seconds for one in results), 0.001)
    if not octets or not results[0].whole or octets < 1 << 20 < results[0].whole:
        step = f"ops backup restore-test {job.name} --files 1000"
        return Finding(job.name, job.name, "rto", Verdict.UNKNOWN, TOO_LITTLE, step)
    span = seconds(results[0].whole / (octets / spent))
    within = said(span) if span < HALF_A_MINUTE else f"about {said(span)}"
    told = f"{octets / spent / 1e6:.1f} MB/s: all of it in {within}; {said(system.rto)} is allowed"
    return Finding(job.name, job.name, "rto", Verdict.PASS if span <= system.rto else Verdict.WARN, told)
