"""What was run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from evidence.record import NAMESPACE
from ops.cli import show as screen
from ops.cli.conduct import carry_out
from ops.cli.conduct import resume as go_on
from ops.cli.data import data
from ops.cli.options import Options, words
from ops.cli.record import close, new_run
from ops.cli.runs import GOING_ON, find_run, history_of, status_of, summary_rows
from ops.cli.site import Site, open_site
from ops.cli.table import table
from ops.cli.terminal import plain
from ops.errors import InvalidRequest
from ops.history import History
from ops.operation import spelled


@click.command("list")
@click.option("--limit", default=20, show_default=True, help="How many of the newest to list.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(limit: int, as_json: bool) -> None:
    """List the newest runs: what each did, about whom, and how it ended. Names are those of this workspace alone."""
    with open_site(enter=False, reading=True) as site:
        rows = summary_rows(site, limit)
    if as_json:
        data("run-list/1", {"runs": rows})
        return
    cells = [(r["run"], r["at"], r["what"], r["about"], r["status"]) for r in rows]
    click.echo(table(("run", "when", "what", "about", "how it ended"), cells))


@click.command()
@click.argument("run")
@click.option("--details", is_flag=True, help="Show every value before and after.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(run: str, details: bool, as_json: bool) -> None:
    """Show what a run planned, what came of each change, and what can be done now."""
    with open_site(enter=False, reading=True) as site:
        found = find_run(site, run)
        history = history_of(site, found)
        status = status_of(site.ledger.run(found))
    if as_json:
        outcomes = {str(number): result for number, result in history.outcomes.items()}
        data("run/1", screen.plan_shape(history.plan) | {"run": found, "status": status, "outcomes": outcomes})
        return
    click.echo(f"run {found}: {status}")
    for line in outcome_lines(history, details):
        click.echo(line)
    click.echo(f"  next: {next_step(found, status)}", err=True)


def outcome_lines(history: History, details: bool) -> Iterator[str]:
    """Each change with what came of it."""
    for number, item in enumerate(history.plan.items):
        outcome = history.outcomes.get(number, "unknown" if number in history.intents else "not started")
        yield f"  {outcome:<14} {plain(item.about)} {plain(item.change.sentence())}"
        for row in item.change.details() if details else ():
            yield f"                   {plain(row.name)}: {plain(row.before) or '–'} → {plain(row.after) or '–'}"


def next_step(run: str, status: str) -> str:
    """What a person would want to do after reading this."""
    return f"ops run resume {run}" if status in GOING_ON else f"ops run undo {run}, or ops evidence show {run}"


@click.command()
@click.argument("run")
@click.option("--no-input", is_flag=True, help="Never ask; fail instead.")
@click.option("--json", "json_", is_flag=True, help="Print the result as JSON.")
def resume(run: str, no_input: bool, json_: bool) -> None:
    """Go on with a run that was interrupted: what is done is kept, what is not is done.

    What is left is shown. It was agreed to when the run began, so nobody is asked again: each change is made only if
    things are still as they were shown then.
    """
    options = Options(no_input=no_input, json=json_)
    with open_site(ask=not no_input) as site:
        screen.header(site, options)
        found = find_run(site, run, "resume")
        status = status_of(site.ledger.run(found))
        if status not in GOING_ON:
            ended(site, found, status, options)
            return
        screen.left(begun := history_of(site, found), found, options)
        history = go_on(site, found, begun)
        screen.result(site, history, found, options)
        if not json_ and history.plan.steps[0].row:
            again = f"{spelled(history.plan.source)} --rows FILE"
            click.echo(f"  the rest      this was one batch of a file; for the rows after it again: {again}", err=True)


def ended(site: Site, run: str, status: str, options: Options) -> None:
    """A run that needs no going on: say so, change nothing; only a record that is missing is made."""
    if site.ledger.document(run, NAMESPACE) is None:
        close(site, run)
    if status not in ("completed", "already so"):
        said = f"run {run} ended and left nothing to go on with: {status}"
        raise InvalidRequest(said, hint=f"ops run show {run}" if status == "dry run" else f"ops evidence show {run}")
    screen.complete(run, options)


@click.command()
@click.argument("run")
@click.option("--dry-run", is_flag=True, help="Show what would be taken back and stop.")
@click.option("--details", is_flag=True, help="Show every value before and after.")
@click.option("--save-plan", type=click.Path(path_type=Path), help="Write the plan to a file and stop.")
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--no-input", is_flag=True, help="Never ask; fail instead.")
@click.option("--ticket", default="", callback=words(100), help="Number of the ticket, for the record.")
@click.option("--reason", default="", callback=words(500), help="Why, in a few words, for the record.")
@click.option("--json", "json_", is_flag=True, help="Print the result as JSON.")
def undo(run: str, json_: bool, **how: object) -> None:
    """Take a run back: the last change first, and all of it or nothing."""
    from ops.cli.undoing import undo_run

    options = Options(json=json_, **how)  # type: ignore[arg-type]
    with open_site(ask=not options.no_input) as site:
        undo_run(site, find_run(site, run, "undo"), options, carry_out, new_run())
