"""The guide's tasks: what to do, how to do it, and how to see in the ledger that it was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence.record import NAMESPACE
from ops.cli.runs import names_in
from ops.cli.site import Site
from ops.errors import InvalidRequest

ADA = "ops user onboard --given Ada --family Okafor --employee 5001 --department Sales --groups role-sales"


@dataclass(frozen=True)
class Task:
    """One task. ``done`` looks at what a completed record says was done; ``whom`` must be who it was done to."""

    title: str
    story: str
    try_this: tuple[str, ...]
    whom: str
    done: Callable[[Mapping[str, Any]], bool]


def _used(name: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda op: name in op["operations"] and "undoes" not in op


def _ran(*books: str, back: bool = False) -> Callable[[Mapping[str, Any]], bool]:
    """Whether it was one of these playbooks, or one of them taken back."""
    return lambda op: op.get("source") in books and ("undoes" in op) == back


PRACTICAL: tuple[Task, ...] = (
    Task(
        "unlock somebody",
        "Lock Smith (lock.smith) typed the wrong password too often and cannot sign in.",
        ("ops account show lock.smith", "ops account unlock lock.smith --dry-run", "ops account unlock lock.smith"),
        "(lock.smith)",
        _used("account.unlock"),
    ),
    Task(
        "reset a password",
        "Newt Password (new.password) rings: the password is forgotten. You know the voice; it is really Newt.",
        ("ops account reset-password new.password", "ops handover show new.password", "ops handover done new.password"),
        "(new.password)",
        _used("account.reset_password"),
    ),
    Task(
        "onboard a starter",
        "Ada Okafor begins on Monday in Sales, employee number 5001.",
        (f"{ADA} --dry-run", ADA),
        "Ada Okafor (",
        _ran("user/onboard"),
    ),
    Task(
        "take it back",
        "Ada has changed her mind and will not come. Take your onboarding back, all of it.",
        ("ops run list", "ops run undo RUN --dry-run", "ops run undo RUN"),
        "Ada Okafor (",
        _ran("user/onboard", back=True),
    ),
    Task(
        "say goodbye",
        "Đorđe Živković of IT (dzivkovic) leaves today. Close every way in, then find the line that is only BOUNDED: "
        "until when, and why?",
        (
            "ops user show dzivkovic --access",
            "ops user offboard --logon dzivkovic --dry-run",
            "ops user offboard --logon dzivkovic",
            "ops user traces dzivkovic",
        ),
        "(dzivkovic)",
        _ran("user/offboard", "user/cut_off"),
    ),
)  # fmt: skip
QUESTION = Task(
    "read your record",
    "Everything you did left a signed record. Which competency of RAPIDS does resetting a password count toward?",
    ("ops evidence list", "ops evidence show RUN", "ops guide --answer 9.Z      (with the item you read)"),
    "",
    lambda _: False,
)
TASKS = (*PRACTICAL, QUESTION)


def done(site: Site) -> int:
    """How many tasks are done, from the first on."""
    bodies = [document.body for document in site.ledger.documents(NAMESPACE)]
    completed = [(body["id"], body["op"]) for body in bodies if body["outcome"]["status"] == "completed"]
    for number, task in enumerate(PRACTICAL):
        if not any(task.done(op) and _was_about(site, run, task.whom) for run, op in completed):
            return number
    return len(TASKS) if _mark(site).exists() else len(TASKS) - 1


def _was_about(site: Site, run: str, whom: str) -> bool:
    """Whether a run was about somebody. Records name nobody: who it was stands in the private part of the ledger."""
    return any(whom in name for name in names_in(site.ledger.run(run)))


def answered(site: Site, answer: str) -> None:
    """Check the answer to the last question against the record itself."""
    records = [document.body for document in site.ledger.documents(NAMESPACE)]
    resets = [body for body in records if "account.reset_password" in body["op"].get("operations", ()) and body["tags"]]
    right = {tag["item"].casefold() for body in resets for tag in body["tags"]}
    if not right:
        raise InvalidRequest("there is no record of a reset yet", hint="do the second task first: ops guide")
    if answer.casefold() not in right:
        hint = f"look for 'counts for': ops evidence show {resets[-1]['id']}"
        raise InvalidRequest(f"the record does not say {answer}", hint=hint)
    _mark(site).touch(mode=0o600)


def _mark(site: Site) -> Path:
    return site.workspace.state / "guide-finished"


def next_task(finished: int) -> Iterator[str]:
    """What to do now."""
    if finished == len(TASKS):
        yield "All six done. What now:"
        yield "  ops guide backups                                 your first restore test, and a fault to find"
        yield "  ops portfolio next                                what gives evidence for most of what is missing"
        yield "  ops help mentors                                  how a mentor gets your records, and you their word"
        yield "  ops explain user onboard                          what it sends to the server, and why"
        yield "  ops lab reset                                     a fresh domain; your evidence stays"
        return
    task = TASKS[finished]
    yield f"{finished + 1}. {task.title}: {task.story}"
    yield from (f"     {line}" for line in task.try_this)
    yield "Then: ops guide"
