"""Dated work: what is due, what was missed, and doing it, each job as a run of its own."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ops.adapters.directory import DirectoryReader
from ops.adapters.pages import Page
from ops.adapters.schedule import job_name, waits
from ops.cli.conduct import conduct_book
from ops.cli.options import WHY, Options
from ops.cli.record import new_run
from ops.cli.root import own_playbooks
from ops.cli.site import Site
from ops.cli.tree import Tree
from ops.errors import InvalidRequest, NotFound, OpsError, PartlyDone, Refused, Unreachable
from ops.params import parse_date
from ops.playbook import Playbook, read
from ops.playbook_file import parse


class MeantForAnother(Refused):
    """The name in a job has come to mean somebody else."""


REPORT = "report/"  # before the name of a report, where other jobs name a playbook
ORDER = ("MISSED", "failed", "unfinished", "DUE", "waiting", "done")
BAD = ("MISSED", "failed", "unfinished")


@dataclass(frozen=True)
class Dated:
    """A job as it stands today."""

    name: str
    page: Page
    state: str

    @property
    def row(self) -> dict[str, str]:
        """As it is listed."""
        answers = self.page["answers"]
        whom = answers.get("logon") or " ".join(filter(None, (answers.get("given"), answers.get("family"))))
        what = str(self.page["playbook"]).replace("/", " ").replace("_", "-")
        row = {"state": self.state, "on": str(self.page["on"]), "what": what, "whom": str(whom), "job": self.name}
        return row | {key: str(self.page.get(key, "")) for key in ("run", "why", "said")}


def today() -> date:
    """The present day in UTC, in which all dates here are meant."""
    return datetime.now(UTC).date()


def standing(site: Site) -> list[Dated]:
    """All jobs, what needs a person first."""
    found = [Dated(name, page, _state(page)) for name, page in site.schedule.pages().items()]
    return sorted(found, key=lambda job: (ORDER.index(job.state), str(job.page["on"])))


def _state(page: Page) -> str:
    """DUE today, MISSED after that; a run that was begun and has no end is unfinished."""
    if not waits(page):
        return str(page.get("outcome") or "unfinished")
    left = (date.fromisoformat(str(page["on"])) - today()).days
    return "waiting" if left > 0 else "DUE" if left == 0 else "MISSED"


def add(site: Site, playbook: str, on: str, answers: Mapping[str, str], why: str) -> str:
    """Put a job on the schedule, its answers checked against the playbook; returns its name."""
    _, book = _book(playbook)
    day = parse_date(on)
    if day is None or day < today():
        raise InvalidRequest(f"{on} is not a day to come", hint="write it as 2026-12-31")
    known = {ask.name for ask in book.asks}
    if unknown := sorted(answers.keys() - known):
        raise InvalidRequest(
            f"{playbook} does not ask for {unknown[0]}", hint=f"it asks for {', '.join(sorted(known))}"
        )
    if missing := book.missing(answers):
        raise InvalidRequest(f"{missing[0].name} must be given", hint=f"--answer {missing[0].name}=…")
    job = {"on": day.isoformat(), "playbook": book.name, "answers": dict(answers), "why": why}
    if "logon" in answers and "logon" not in {choice.name for choice in book.chooses}:
        job["employee"] = _directory(site).account(answers["logon"]).first("employeeID")
    who = answers.get("logon") or answers.get("employee") or "-".join(answers.values())[:40]
    name = job_name(book.name, who, day)
    site.schedule.put(name, job)
    return name


def _book(playbook: str) -> tuple[Path, Playbook]:
    books = Tree(own_playbooks(sys.argv[1:])).playbooks
    name = playbook.strip().replace(" ", "/").replace("-", "_")
    if name not in books:
        raise NotFound(f"there is no playbook {playbook}", hint=f"there are: {', '.join(sorted(books))}")
    return books[name], parse(books[name], name)


@contextmanager
def alone(site: Site) -> Iterator[bool]:
    """Whether nobody else works on the schedule; as long as this lasts nobody else does."""
    site.schedule.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (site.schedule.folder / ".lock").open("w") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def run_due(site: Site, options: Options) -> list[dict[str, Any]]:
    """Do every job whose day has come; one that fails does not stop the next."""
    jobs = [job for job in standing(site) if job.state in ("DUE", "MISSED")]
    with redirect_stdout(sys.stderr):
        return [_do(site, job, options) for job in jobs]


def _do(site: Site, job: Dated, options: Options) -> dict[str, Any]:
    """Note the run on disk before it begins, so that a crash in between is seen and nothing is done twice."""
    run = new_run()
    how = Options(yes=True, no_input=True, reason=str(job.page.get("why", "")), dry_run=options.dry_run)
    if not options.dry_run:
        site.schedule.note(job.name, run=run)
    outcome, why = "done", ""
    try:
        _still_the_same(site, job.page)
        _work(site, job.page, how, run)
    except OpsError as error:
        outcome, why = "failed", f"{error}{_at_least(site, job.page, how, error)}"
    if not options.dry_run:
        site.schedule.note(job.name, outcome=outcome, said=why)
    return job.row | {"run": run, "state": outcome, "said": why}


def _work(site: Site, page: Page, how: Options, run: str) -> None:
    """A playbook, or a report."""
    if str(page["playbook"]).startswith(REPORT):
        from ops.cli import monthly

        monthly.carry_out(site, page["answers"], run, how.dry_run)
    else:
        _conduct(site, str(page["playbook"]), page["answers"], how, run)


def _conduct(site: Site, playbook: str, answers: Mapping[str, str], how: Options, run: str) -> None:
    path, book = _book(playbook)
    conduct_book(site, read(path, book.name, frozenset(site.constants) | {WHY}), answers, how, run)


def _directory(site: Site) -> DirectoryReader:
    found: DirectoryReader = site.targets[site.kinds["directory"]]
    return found


def _still_the_same(site: Site, page: Page) -> None:
    """Refuse to do to somebody what was meant for somebody else: names are given again, employee numbers are not."""
    if not (meant := page.get("employee")):
        return
    logon = str(page["answers"]["logon"])
    if (found := _directory(site).account(logon).first("employeeID")) != meant:
        now = f"employee {found}" if found else "nobody with an employee number"
        raise MeantForAnother(f"{logon} was employee {meant} and is now {now}", hint="ops schedule remove")


def _at_least(site: Site, page: Page, how: Options, error: OpsError) -> str:
    """What must happen on the day even if the whole cannot: a leaver with nobody to follow still loses all access."""
    if str(page["playbook"]).startswith(REPORT):
        return ""
    least = _book(str(page["playbook"]))[1].at_least
    if not least or isinstance(error, MeantForAnother | NotFound | PartlyDone | Unreachable):
        return ""
    run, what = new_run(), least.replace("/", " ").replace("_", "-")
    answers = {ask.name: page["answers"].get(ask.name, "") for ask in _book(least)[1].asks}
    try:
        _conduct(site, least, answers, how, run)
    except OpsError as worse:
        return f"; {what} failed too: {worse}"
    return f"; {what} was done (run {run})"


def retry(site: Site, name: str) -> None:
    """Put a job that was begun and is not done back among the due."""
    page = site.schedule.page(name)
    if page is None:
        raise NotFound(f"there is no job {name}", hint="ops schedule list")
    if waits(page) or page.get("outcome") == "done":
        said = "waits for its day" if waits(page) else "is done"
        raise InvalidRequest(f"{name} {said}", hint="only what failed or was left unfinished is tried again")
    site.schedule.note(name, run="", outcome="", said="")


UNIT = """# {folder}: what ops does by date. Put it in /etc/systemd/system/journeyman-schedule.service
[Unit]
Description=Journeyman: starters and leavers whose day has come
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User=journeyman
WorkingDirectory={folder}
ExecStart={ops} schedule run-due
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=read-only
ProtectSystem=strict
ReadWritePaths={state}

# … and this in /etc/systemd/system/journeyman-schedule.timer
[Unit]
Description=Journeyman: look every day whose day has come

[Timer]
OnCalendar=*-*-* 00:10:00 UTC
Persistent=true

[Install]
WantedBy=timers.target
"""
CRON = "10 0 * * * journeyman cd {folder} && {ops} schedule run-due\n"


def timer(site: Site, cron: bool) -> str:
    """What a person installs so that work is done by date; this installs nothing."""
    workspace = site.workspace
    ops = Path(sys.argv[0]).absolute() if Path(sys.argv[0]).name == "ops" else "ops"
    return (CRON if cron else UNIT).format(folder=workspace.folder, ops=ops, state=workspace.state)
