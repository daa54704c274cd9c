"""Put somebody's leaving on the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.pages import Page
from ops.adapters.schedule import Job, ScheduleReader, job_name, waits
from ops.change import Part
from ops.operation import operation

BOOK = "user/offboard"


@operation
def leave_on(
    schedule: ScheduleReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    day: Annotated[date | None, "last day of work as YYYY-MM-DD, or never"],
    successor: Annotated[str, "logon name of who gets people, groups and files; the manager if empty"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Let somebody leave on the day after the last day of work; another day takes the place of one set before.

    With ``never`` nobody leaves by date any more. The job keeps the employee number too: a name may come to mean
    somebody else. ops schedule run-due does what is due.
    """
    user = directory.account(account)
    person = f"{user.name} ({user.logon_name})"
    heir = {"successor": directory.account(successor).logon_name} if successor else {}
    name, job = "", {"playbook": BOOK, "answers": {"logon": user.logon_name, **heir}}
    if day:
        name = job_name(BOOK, user.logon_name, day + timedelta(days=1))
        job |= {"on": (day + timedelta(days=1)).isoformat(), "why": why, "employee": user.first("employeeID")}
    for other, page in schedule.pages().items():
        if _is_leaving(page, user.logon_name) and (other != name or page["answers"] != job["answers"]):
            yield Job(other, page, None, person)
    if day and schedule.page(name) is None:
        yield Job(name, None, job, person)


def _is_leaving(page: Page, logon: str) -> bool:
    return bool(page["playbook"] == BOOK and page["answers"].get("logon") == logon and waits(page))
