"""Dated work: on which day which playbook is to run for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Protocol

from ops.adapters.pages import Page, PageChange, PagesReader, ProjectedPages
from ops.change import Detail


class ScheduleReader(PagesReader, Protocol):
    """Jobs by name.

    A job's page: on (a day), playbook, answers, why, employee (whose number the logon name must still have); once
    begun: run; once over: outcome, said.
    """


@dataclass(frozen=True)
class Job(PageChange):
    """A job is put on the schedule, or taken off."""

    def sentence(self) -> str:
        page = self.after or self.before
        what = f"{page['playbook'].replace('/', ' ').replace('_', '-')} on {page['on']}"
        return f"has {what} on the schedule" if self.after else f"no longer has {what} on the schedule"

    def details(self) -> tuple[Detail, ...]:
        page = self.after or self.before
        return (Detail("day", "" if self.after else page["on"], page["on"] if self.after else ""),)

    def public(self) -> dict[str, Any]:
        return {"attributes": ["schedule"]}


class ProjectedSchedule(ProjectedPages):
    """The schedule as it will be."""

    book: ClassVar[str] = "the schedule"


def job_name(playbook: str, who: str, day: date) -> str:
    """The name of a job: the same work on the same day is the same job."""
    return f"{playbook.replace('/', '-')}-{who}-{day.isoformat()}"


def waits(page: Page) -> bool:
    """Whether a job was never begun."""
    return not page.get("run")
