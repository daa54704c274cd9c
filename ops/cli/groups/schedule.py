"""Dated work."""

from __future__ import annotations

import click

from ops.cli.data import data
from ops.cli.options import Options, ask_or_fail, words
from ops.cli.scheduling import BAD, alone, standing
from ops.cli.scheduling import add as add_job
from ops.cli.scheduling import retry as again
from ops.cli.scheduling import run_due as do_due
from ops.cli.scheduling import timer as timer_text
from ops.cli.site import open_site
from ops.cli.table import table
from ops.cli.terminal import plain
from ops.errors import Conflict, InvalidRequest, NotFound, PartlyDone

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.command("list")
@JSON
def list_(as_json: bool) -> None:
    """List what is to be done by date; what was missed, failed or was left half done comes first."""
    with open_site(enter=False, reading=True) as site:
        rows = [job.row for job in standing(site)]
    if as_json:
        data("schedule/1", {"jobs": rows})
        return
    shown = [(*list(row.values())[:-2], row["said"] or row["why"]) for row in rows]
    for line in table(("", "on", "what", "whom", "job", "run", "why"), shown).splitlines():
        click.secho(line, fg="red" if line.startswith(BAD) else None)


@click.command()
@click.argument("playbook")
@click.option("--on", "day", required=True, help="The day, as YYYY-MM-DD (UTC).")
@click.option("--answer", multiple=True, help="What the playbook asks for, as name=value; again for each.")
@click.option("--reason", default="", callback=words(500), help="Why, for the record.")
@JSON
def add(playbook: str, day: str, answer: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Put a playbook on the schedule, such as user/onboard, with what it asks for; nothing is done before its day."""
    if wrong := [one for one in answer if "=" not in one]:
        raise InvalidRequest(f"{wrong[0]} is no answer", hint="write it as name=value")
    answers = {name.replace("-", "_"): value for name, _, value in (one.partition("=") for one in answer)}
    with open_site(enter="logon" in answers) as site:
        name = add_job(site, playbook, day, answers, reason)
    if as_json:
        data("job/1", {"job": name})
    else:
        click.echo(f"on the schedule: {plain(name)}   (ops schedule remove {plain(name)})", err=True)


@click.command()
@click.argument("job")
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--no-input", is_flag=True, help="Never ask; fail instead.")
def remove(job: str, yes: bool, no_input: bool) -> None:
    """Take a job off the schedule."""
    with open_site(enter=False) as site:
        if site.schedule.page(job) is None:
            raise NotFound(f"there is no job {job}", hint="ops schedule list")
        if not yes and ask_or_fail(no_input)(f"Take {job} off the schedule? yes or no", "no") != "yes":
            return
        site.schedule.take_back(job)
    click.echo(f"{plain(job)} is off the schedule", err=True)


@click.command()
@click.argument("job")
def retry(job: str) -> None:
    """Have a job that failed or was left unfinished done again by the next run-due; what is done stays as it is."""
    with open_site(enter=False) as site, alone(site) as mine:
        if not mine:
            raise Conflict("run-due is at work", hint="wait until it is done")
        again(site, job)
    click.echo(f"{plain(job)} is due again: ops schedule run-due", err=True)


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done and stop.")
@JSON
def run_due(dry_run: bool, as_json: bool) -> None:
    """Do everything whose day has come, each as a run with a record of its own; for a timer, nobody is asked."""
    with open_site(ask=False) as site, alone(site) as mine:
        done = do_due(site, Options(dry_run=dry_run)) if mine else []
    if as_json:
        data("done/1", {"busy": not mine, "jobs": done})
    elif not done:
        click.echo("nothing is due" if mine else "another run-due is at work", err=True)
    if failed := [f"{row['job']}: {row['said']}" for row in done if row["state"] == "failed"]:
        hint = "mend what is wrong, then: ops schedule retry JOB"
        raise PartlyDone(f"{len(failed)} of {len(done)} jobs failed: {'; '.join(failed)}", hint=hint)


@click.command()
@click.option("--cron", is_flag=True, help="One line for cron instead of a systemd service and timer.")
def timer(cron: bool) -> None:
    """Print what makes run-due run every day; you put it in its place. ops help schedule says under which account."""
    with open_site(enter=False, reading=True) as site:
        click.echo(timer_text(site, cron), nl=False)
