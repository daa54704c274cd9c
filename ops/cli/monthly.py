"""Reports on the schedule: each month one is written, and mailed where the workspace says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from inventory.report.inputs import KINDS
from ops.adapters.schedule import job_name
from ops.cli import mailing, reporting
from ops.cli.scheduling import REPORT
from ops.cli.site import Site
from ops.errors import InvalidRequest, OpsError
from ops.params import parse_date
from ops.private import private_folder

FOLDER = "monthly"  # in the state folder, where the timer's account may write


def add(site: Site, report: str, on: str, folder: str = "") -> str:
    """Put a report on the schedule from a day on, once a month; returns the job's name."""
    day = parse_date(on)
    if day is None or day.day > 28:
        raise InvalidRequest(f"{on} is no day for every month", hint="a day up to the 28th: --on 2026-12-01")
    if report not in KINDS:
        raise InvalidRequest(f"there is no report {report}", hint=f"one of {', '.join(KINDS)}")
    answers = {"report": report, "on": day.isoformat(), "folder": folder}
    name = job_name(f"{REPORT}{report}", "monthly", day)
    site.schedule.put(name, {"on": day.isoformat(), "playbook": f"{REPORT}{report}", "answers": answers, "why": ""})
    return name


def carry_out(site: Site, answers: Mapping[str, str], run: str, dry_run: bool) -> None:
    """Put next month's on the schedule, write this month's, mail it. A file that is there already is only mailed."""
    if dry_run:
        return
    _next(site, answers)
    folder = Path(answers["folder"]) if answers.get("folder") else private_folder(site.workspace.state / FOLDER)
    path = folder / f"{answers['report']}-{answers['on']}.xlsx"
    made = reporting.report(site, reporting.Wish(answers["report"], path if not path.exists() else None), run)
    if mailing.configured(site):
        mailing.mail(site, path, made.workbook)


def _next(site: Site, answers: Mapping[str, str]) -> None:
    """The same for the month after; there already if this one is tried again."""
    day = date.fromisoformat(answers["on"])
    after = date(day.year + day.month // 12, day.month % 12 + 1, day.day)
    try:
        add(site, answers["report"], after.isoformat(), answers.get("folder", ""))
    except OpsError:
        if site.schedule.page(job_name(f"{REPORT}{answers['report']}", "monthly", after)) is None:
            raise
