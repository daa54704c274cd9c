"""Bringing files back from a backup, to see that it can be done and what that says of all the others."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from time import monotonic
from typing import Annotated

from inventory.backup.assurance import Entry, drawn, fitting, needed, seed, sentence
from inventory.backup.durations import said
from inventory.backup.model import Job, Run, System
from inventory.backup.rules import seconds
from ops.adapters.backup import BackupReader, Damaged, Vault
from ops.audit import audit
from ops.errors import InvalidRequest, NotFound
from ops.finding import Finding, Seen, Verdict

SPARE = 1.1  # times what is brought back must be free
MOST = 100_000  # files of a backup from which is drawn; the first ones of a larger one
BATCH = 50  # files brought back at once
UNWRITTEN = "their content as the tool's own hashes say: no manifest was written when it was made"


@dataclass
class Tried:
    """One backup, what came back of it, and how long that took."""

    run: Run
    held: int
    right: int = 0
    tried: int = 0
    octets: int = 0
    seconds: float = 0.0
    wrong: str = ""
    left_out: int = 0


@audit
def restore(
    backup: BackupReader,
    job: Annotated[str, "the job, by its name in backups.yaml"],
    files: Annotated[int, "how many files are brought back of each backup"] = needed(0.05),
    by: Annotated[str, "what the files are drawn by: the same again draws the same; chance if empty"] = "",
) -> Iterator[Finding | Seen]:
    """Bring files back from the newest and the oldest backup of a job, into an empty folder, and compare them.

    The files are drawn by chance, of every size; what so many right ones say of all of them is said with its bound.
    Nothing is ever written over; what came back is deleted.
    """
    wanted = next((one for one in backup.plan.jobs if one.name == job), None)
    if wanted is None:
        known = ", ".join(one.name for one in backup.plan.jobs)
        raise NotFound(f"backups.yaml has no job {job}", hint=f"there are: {known or 'none'}")
    if files < 1:
        raise InvalidRequest("at least one file has to be brought back", hint=f"--files {needed(0.05)}")
    system, vault, chance = backup.plan.systems[wanted.system], backup.vault(wanted.target), by or secrets.token_hex(8)
    runs = vault.runs(wanted.paths)
    if not runs:
        raise NotFound(f"{job} has no backup that could be brought back", hint="ops backup check")
    results = [_tried(backup, vault, run, files, chance) for run in _ends(runs)]
    for one in results:
        yield _told(wanted, one, chance)
    yield _speed(wanted, system, results)
    yield Seen(sum(one.tried for one in results), "files brought back", (UNWRITTEN,))


def _ends(runs: Sequence[Run]) -> list[Run]:
    """The newest and the oldest; one if they are the same."""
    return [runs[-1], *([runs[0]] if len(runs) > 1 else [])]


def _tried(backup: BackupReader, vault: Vault, run: Run, files: int, chance: str) -> Tried:
    entries = [entry for _, entry in zip(range(MOST), vault.entries(run.id), strict=False)]
    chosen = drawn(entries, files, seed(f"{chance}/{run.id}"))
    found = Tried(run, len(entries))
    with backup.room() as room:
        fit = fitting(chosen, disk_usage(room).free / SPARE)
        if chosen and not fit:
            raise InvalidRequest("there is no room to bring that much back", hint="free some space")
        if len(fit) < len(chosen):  # what is right says nothing of files that large
            least = min(entry.size for entry in chosen if entry not in fit)
            found.held = sum(entry.size < least for entry in entries)
            found.left_out = len(entries) - found.held
        found.tried, chosen = len(fit), fit
        for start in range(0, len(chosen), BATCH):
            batch, began = chosen[start : start + BATCH], monotonic()
            into = room / str(start)
            into.mkdir()
            try:
                vault.restore(run.id, [entry.path for entry in batch], into)
            except Damaged as error:  # what came back of these files is not to be trusted, whatever its size
                found.wrong = found.wrong or error.said
                continue
            found.seconds += monotonic() - began
            for entry in batch:
                _compared(found, into, entry)
    return found


def _compared(found: Tried, into: Path, entry: Entry) -> None:
    path = into / entry.path.lstrip("/")
    if not path.is_file() or path.is_symlink():
        found.wrong = found.wrong or "a file did not come back"
    elif (size := path.stat().st_size) != entry.size:
        found.wrong = found.wrong or f"a file came back with {size} octets instead of {entry.size}"
    else:
        found.right += 1
        found.octets += entry.size


def _told(job: Job, one: Tried, chance: str) -> Finding:
    what = sentence(one.right, one.tried, one.held)
    because = f"backup of {one.run.started:%Y-%m-%d %H:%M} UTC: {what}"
    because += f"; {one.left_out} larger ones are left out: there is no room here" if one.left_out else ""
    because += f" ({one.wrong})" if one.wrong else f"; {UNWRITTEN}"
    because += f"; drawn by {chance}"
    if one.tried and one.right == one.tried:
        return Finding(job.name, job.name, "restore", Verdict.PASS, because)
    step = "keep the repository as it is; try others: ops backup restore-test"
    return Finding(job.name, job.name, "restore", Verdict.FAIL, because, step)


def _speed(job: Job, system: System, results: Sequence[Tried]) -> Finding:
    """How long all of it would take at the speed that was seen; a few small files say little, and it is said."""
    octets, spent = sum(one.octets for one in results), sum(one.seconds for one in results)
    whole = results[0].run.octets
    if whole is None or octets < 1 << 20:
        return Finding(job.name, job.name, "rto", Verdict.UNKNOWN, "less than 1 MiB came back: too little to say")
    span = seconds(whole / (octets / max(spent, 0.001)))
    told = f"{octets / spent / 1e6:.1f} MB/s: all of it in about {said(span)}; {said(system.rto)} is allowed"
    return Finding(job.name, job.name, "rto", Verdict.PASS if span <= system.rto else Verdict.WARN, told)
