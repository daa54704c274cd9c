"""Verdicts on the backups a target tells of: fresh, on time, of the usual shape. A listing proves nothing else.

Freshness counts from the start of a backup, for that is the moment its data are of. Sources: the rules stated in
``ops help backups``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from inventory.backup.durations import said
from inventory.backup.memory import Remembered
from inventory.backup.model import Job, Run, System

AHEAD = timedelta(minutes=5)  # a clock may be wrong by that much before its times mean nothing
COMPARED = 10  # backups whose size says what is usual
HASHES = "keep a list of checksums beside each backup, or use a tool that hashes: ops help backups"
UNHASHED = "keeps no hashes"
LEAST = 3  # of them, before anything can be called unusual


@dataclass(frozen=True)
class Judged:
    """A verdict (PASS, WARN, UNKNOWN, ERROR, FAIL) on one question, and why."""

    rule: str
    verdict: str
    because: str
    of: datetime | None = None  # where it was not seen now
    step: str = ""  # what to do, where this one knows it better than its rule


def freshness(system: System, job: Job, runs: Sequence[Run], now: datetime) -> Judged:
    """How old the newest data are that could be restored, against how much work may be lost."""
    if not runs:
        return Judged("freshness", "FAIL", "there is no backup at all")
    newest = max(run.started for run in runs)
    if newest > now + AHEAD:
        told = f"the newest says {newest:%Y-%m-%d %H:%M} UTC, which is still to come"
        return Judged("freshness", "ERROR", told, step="look at the clock of the machine that made it")
    age = max(now - newest, timedelta())
    told = f"the newest data are {said(age)} old; {said(system.rpo)} may be lost"
    if age <= system.rpo:
        return Judged("freshness", "PASS", told)
    late = age <= system.rpo + job.start_grace
    return Judged("freshness", "WARN" if late else "FAIL", told)


def start(job: Job, runs: Sequence[Run], now: datetime) -> Judged:
    """Whether the job began when it was due; where it may still begin, the time before counts."""
    if not job.schedule.fixed:
        return _again(job, runs, now)
    runs = [run for run in runs if run.started <= now + AHEAD]
    due = job.schedule.last_before(now)
    if not any(run.started >= due - AHEAD for run in runs):
        due = job.schedule.last_before(now - job.start_grace)
    begun = [run.started for run in runs if due - AHEAD <= run.started <= due + job.start_grace]
    if begun:
        return Judged("start", "PASS", f"due {due:%Y-%m-%d %H:%M} UTC, began {min(begun):%H:%M}")
    later = [run.started for run in runs if run.started > due]
    if later:
        late = min(later)
        why = f"due {due:%Y-%m-%d %H:%M} UTC, began {late:%Y-%m-%d %H:%M}, {said(late - due)} late"
        return Judged("start", "WARN", why)
    return Judged("start", "FAIL", f"due {due:%Y-%m-%d %H:%M} UTC, and did not begin within {said(job.start_grace)}")


def _again(job: Job, runs: Sequence[Run], now: datetime) -> Judged:
    """Whether the job began again in time after it last did, where nothing else says when it is due."""
    last = max((run.started for run in runs if run.started <= now + AHEAD), default=None)
    often = f"every {said(job.schedule.every)}"
    if last is None:
        return Judged("start", "FAIL", f"due {often}, and never began")
    good = now <= last + job.schedule.every + job.start_grace
    told = f"due {often}, {'last began' if good else 'and did not begin since'} {last:%Y-%m-%d %H:%M} UTC"
    return Judged("start", "PASS" if good else "FAIL", told)


def finish(job: Job, runs: Sequence[Run]) -> Judged:
    """Whether the newest backup ended in time after it was due."""
    if not runs:
        return Judged("finish", "FAIL", "none has ever ended")
    newest = max(runs, key=lambda run: run.started)
    due = job.schedule.last_before(newest.started + AHEAD) if job.schedule.fixed else newest.started
    limit = due + job.finish_grace
    if newest.ended is None:
        return _written(newest, limit)
    if newest.ended <= limit:
        return Judged("finish", "PASS", f"ended {newest.ended:%Y-%m-%d %H:%M} UTC, {_by(limit, newest.ended)}")
    told = f"ended {newest.ended:%Y-%m-%d %H:%M} UTC, {said(newest.ended - limit)} late"
    if newest.ended - newest.started <= job.finish_grace:
        why = f"; it took {said(newest.ended - newest.started)}, and began late"
        return Judged("finish", "WARN", told + why, step="look at the schedule of the job")
    return Judged("finish", "WARN", told)


def _by(limit: datetime, ended: datetime) -> str:
    return f"by {limit:%H:%M}{f' of {limit:%Y-%m-%d}' * (limit.date() != ended.date())} as is due"


def _written(newest: Run, limit: datetime) -> Judged:
    """It had ended when its record was written; of a record that is younger nobody knows whether it was copied."""
    written = newest.written
    if written and newest.started - AHEAD <= written <= limit:
        told = f"its record was written {written:%Y-%m-%d %H:%M} UTC, {_by(limit, written)}"
        return Judged("finish", "PASS", told)
    late = f", and its record there is of {written:%Y-%m-%d %H:%M} UTC" if written else ""
    told = f"the tool that made it does not tell when it ended{late}"
    return Judged("finish", "UNKNOWN", told, step="look into the log of the job")


def shape(runs: Sequence[Run]) -> Judged:
    """Whether the newest is as large as they usually are: more than half off, or four median deviations, is told."""
    ordered = sorted(runs, key=lambda run: run.started)
    if not ordered:
        return Judged("shape", "FAIL", "there is no backup at all")
    newest = ordered[-1]
    if newest.octets is None or newest.files is None:
        return Judged("shape", "UNKNOWN", "the target does not tell how much it holds")
    if not newest.octets or not newest.files:
        return Judged("shape", "FAIL", f"it holds {newest.files} files with {newest.octets} octets")
    usual = [run.octets for run in ordered[-COMPARED - 1 : -1] if run.octets is not None]
    told = f"{newest.files} entries, {newest.octets} octets"  # restic counts folders too
    if len(usual) < LEAST:
        return Judged("shape", "UNKNOWN", f"{told}; too few before it to say what is usual")
    middle = median(usual)
    spread = median(abs(octets - middle) for octets in usual)
    if abs(newest.octets - middle) > max(middle / 2, 4 * spread):
        return Judged("shape", "WARN", f"{told}; usual are {middle:.0f}")
    return Judged("shape", "PASS", told)


def sources(job: Job, newest: Run | None) -> Judged:
    """Whether the newest backup was made of all that the job is to hold; some tools leave a missing one out quietly."""
    if newest is None:
        return Judged("sources", "FAIL", "there is no backup at all")
    absent = sorted(set(job.paths) - set(newest.paths))
    if absent:
        return Judged("sources", "FAIL", f"{', '.join(absent)} is not in it")
    return Judged("sources", "PASS", f"{', '.join(job.paths)}")


def cadence(rule: str, last: datetime | None, due: timedelta, now: datetime) -> Judged:
    """Whether a proof is younger than it has to be."""
    if last is None:
        return Judged(rule, "UNKNOWN", "never proven")
    told = f"proven {last:%Y-%m-%d %H:%M} UTC, due every {said(due)}"  # no age: it is read later, too
    return Judged(rule, "PASS" if now - last <= due else "UNKNOWN", told, last)


def restored(
    last: datetime | None, newest: Remembered | None, due: timedelta, now: datetime, rule: str = "restore"
) -> Judged:
    """What restore tests say of a job; one that failed stands until another is right.

    One that could not tell is told of where nothing was proven before.
    """
    if newest is None:
        return cadence(rule, last, due, now)
    open_ = newest.verdict == "UNKNOWN" and last is None
    if open_ or newest.verdict in ("FAIL", "ERROR"):
        step = HASHES if open_ and rule == "restore" and UNHASHED in newest.because else ""
        return Judged(rule, newest.verdict, f"{newest.of:%Y-%m-%d %H:%M} UTC: {newest.because}", newest.of, step)
    return cadence(rule, last, due, now)


def seconds(number: float) -> timedelta:
    """So many seconds, never more than can be said."""
    return timedelta(seconds=min(number, 1e9))
