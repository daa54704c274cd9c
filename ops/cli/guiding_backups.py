"""The guide to backups: a first restore test, what it says and what it does not, and a fault to be found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.record import NAMESPACE
from inventory.backup.memory import Remembered
from ops.cli.record import planted_faults
from ops.cli.remembering import remembered
from ops.cli.site import Site
from ops.errors import InvalidRequest

JOB, TARGET, FAULT, BOOK = "fs1-homes", "vault", "removed-pack", "task/check_backup"
BOUND = re.compile(r"at most ([0-9.]+) ?%")


@dataclass(frozen=True)
class Task:
    """One task, and how to see that it was done."""

    title: str
    story: str
    try_this: tuple[str, ...]
    done: Callable[[Site, Sequence[Remembered]], bool]


def _checked(_: Site, known: Sequence[Remembered]) -> bool:
    return any(one.audit == "backups.check" and one.subject == JOB for one in known)


def _right(known: Sequence[Remembered]) -> list[Remembered]:
    """Restores of the job that were right, oldest first."""
    found = [one for one in known if one.audit == "backups.restore" and (one.subject, one.rule) == (JOB, "restore")]
    return sorted((one for one in found if one.worth == "PASS"), key=lambda one: one.at)


def _wrote(site: Site, _: Sequence[Remembered]) -> bool:
    bodies = [document.body for document in site.ledger.documents(NAMESPACE)]
    return any(body["op"].get("source") == BOOK and body["outcome"]["status"] == "stated" for body in bodies)


def _mended(site: Site, known: Sequence[Remembered]) -> bool:
    """Whether the fault was found, and is gone."""
    found = any(one.audit == "backups.check" and one.subject == TARGET and one.verdict == "FAIL" for one in known)
    return found and FAULT not in planted_faults(site)


TASKS = (
    Task(
        "what is protected",
        "Read which jobs there are, then look at all of them. What is green, what is not known, and why?",
        ("ops backup list", "ops backup check"),
        _checked,
    ),
    Task(
        "bring files back",
        f"A check proves no restore. Bring files of {JOB} back, of the newest backup and of the oldest.",
        (f"ops backup restore-test {JOB}",),
        lambda _, known: bool(_right(known)),
    ),
    Task(
        "read the bound",
        "Not every file was brought back. At most how many per cent may be bad, at 95 % certainty?",
        (
            "ops backup restore-test fs1-homes      (the line with: at most)",
            "ops guide backups --answer 50      (with the number you read)",
        ),
        lambda site, _: _mark(site).exists(),
    ),
    Task(
        "write down what you learned",
        "What was restored, how you saw that it is the same, and what is in no backup.",
        ("ops task check-backup",),
        _wrote,
    ),
    Task(
        "find a fault",
        "Now something on the backup host goes wrong. Find it with the tool, think what it would have cost, and take "
        "it away.",
        (f"ops lab fault plant {FAULT}", "ops backup check", f"ops lab fault clear {FAULT}"),
        _mended,
    ),
)


def done(site: Site) -> int:
    """How many tasks are done, from the first on."""
    known = list(remembered(site.ledger))
    return next((number for number, task in enumerate(TASKS) if not task.done(site, known)), len(TASKS))


def answered(site: Site, answer: str) -> None:
    """Check the bound against what the newest restore test said."""
    right = _right(list(remembered(site.ledger)))
    bounds = {float(found[1]) for one in right if (found := BOUND.search(one.because))}
    if not bounds:
        raise InvalidRequest("no restore test was right yet", hint=f"ops backup restore-test {JOB}")
    try:
        given = float(answer.strip().rstrip("%").strip().replace(",", "."))
    except ValueError:
        raise InvalidRequest(
            f"{answer!r} is not a number", hint="only the number: ops guide backups --answer 50"
        ) from None
    if given not in bounds:
        raise InvalidRequest(
            f"the restore test does not say {answer}",
            hint=f"look for 'at most' in what it prints: ops backup restore-test {JOB}",
        )
    _mark(site).touch(mode=0o600)


def _mark(site: Site) -> Path:
    return site.workspace.state / "guide-bound-read"


def next_task(finished: int) -> Iterator[str]:
    """What to do now."""
    if finished == len(TASKS):
        yield "All five done. What now:"
        yield "  ops lab fault list                      more faults: stale-job, flipped-byte, wrong-password, …"
        yield "  ops help backups                        what each verb proves, refuses and cannot see"
        yield "  ops portfolio next                      what your records count toward, and what is missing"
        return
    task = TASKS[finished]
    yield f"{finished + 1}. {task.title}: {task.story}"
    yield from (f"     {line}" for line in task.try_this)
    yield "Then: ops guide backups"
