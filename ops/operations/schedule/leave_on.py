"""Put somebody's leaving on the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

from ops.adapters.directory import DirectoryReader
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
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Let somebody leave on the day after the last day of work; another day takes the place of one set before.

    With ``never`` nobody leaves by date any more. ops schedule run-due does what is due.
    """
    user = directory.account(account)
    person = f"{user.name} ({user.logon_name})"
    name = job_name(BOOK, user.logon_name, day + timedelta(days=1)) if day else ""
    for other, page in schedule.pages().items():
        if (
            other != name
            and page["playbook"] == BOOK
            and page["answers"].get("logon") == user.logon_name
            and waits(page)
        ):
            yield Job(other, page, None, person)
    if day and schedule.page(name) is None:
        answers = {"logon": user.logon_name}
        job = {"on": (day + timedelta(days=1)).isoformat(), "playbook": BOOK, "answers": answers, "why": why}
        yield Job(name, None, job, person)
