"""What a person sees: the first line, the plan, the question, the result. Data on stdout, talk on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from ops.adapters.handover import Delivery
from ops.change import kind_of
from ops.cli import toward
from ops.cli.data import data
from ops.cli.options import Options
from ops.cli.site import HANDOVER, Site
from ops.cli.table import hung
from ops.cli.terminal import counted, plain
from ops.cli.working import working
from ops.errors import InvalidRequest, NotAuthorised, PartlyDone
from ops.history import DONE, History
from ops.plan import Item, Plan
from ops.playbook import Ask
from ops.private import write_private
from ops.runner import silent

LOST = "no way back"
MANY = 20  # changes that take less than a second
NAMES = {"LAB": "PRACTICE", "STAGING": "STAGING", "PRODUCTION": "PRODUCTION"}


def header(site: Site, options: Options) -> None:
    """``PRACTICE lab.example · as apprentice1 · evidence on``; production is red."""
    if options.json:
        return
    environment = site.workspace.environment
    accounts = [t.account.partition("@")[0] for t in site.workspace.targets.values() if t.account]
    who = accounts[0] if accounts else site.identity.name or site.identity.person
    line = f"{NAMES[environment.kind]} {environment.name} · as {who} · evidence on"
    click.secho(plain(line), err=True, bold=True, fg="red" if environment.kind == "PRODUCTION" else None)
    if os.geteuid() == 0 and environment.kind != "LAB":
        click.echo("  you are root: this never needs it; the record says so", err=True)


def plan(made: Plan, options: Options) -> None:
    """Every change, one line each, or every value with ``--details``."""
    if options.json:
        if options.dry_run or options.check:
            data("plan-view/1", plan_shape(made))
        return
    for line in plan_lines(made, options.details):
        click.echo(line)


def plan_lines(made: Plan, details: bool) -> Iterator[str]:
    """A plan as text. Subjects are headings; what has no way back says so."""
    if not made.items:
        yield hung(f"{plain(made.title)}: everything is already so, there is nothing to change.", 2)
    lost = made.irreversible
    for about, items in groupby(made.items, key=lambda item: item.about):
        yield click.style(plain(about), bold=True)
        for item in items:
            yield from _item_lines(item, item in lost, details)
    for name in made.not_done:
        why = "" if ": " in name or " (" in name else " (the inventory has no target for it)"
        yield hung(f"not done here: {plain(name)}{why}", 2)


def _item_lines(item: Item, lost: bool, details: bool) -> Iterator[str]:
    line = hung(f"  {plain(item.change.sentence())}{f'  {LOST}' * lost}", 4)
    marked = lost and line.endswith(LOST)  # coloured last: what colours it has no width
    yield line.removesuffix(LOST) + click.style(LOST, fg="yellow") if marked else line
    for row in item.change.details() if details else ():
        before, after = plain(row.before) or "–", plain(row.after) or "–"
        yield f"      {plain(row.name):<16} {before} → {after}"
    if details:
        guards = {"swap": "only if it is still as read", "reread": "read again just before", "none": "unguarded"}
        yield click.style(f"      written {guards[item.change.guard]}", dim=True)


def plan_shape(made: Plan) -> dict[str, Any]:
    """A plan as JSON, shape ``plan-view/1``."""
    return {
        "title": made.title,
        "hash": made.hash,
        "not_done_here": list(made.not_done),
        "changes": [
            {
                "about": item.about,
                "what": item.change.sentence(),
                "details": [row._asdict() for row in item.change.details()],
                "way_back": item.change.inverse() is not None,
                "after": list(item.after),
                "row": item.row,
            }
            for item in made.items
        ],
    }


def notes(lines: Sequence[str], options: Options) -> None:
    """Why names were chosen."""
    for line in lines if not options.json else ():
        click.echo(hung(f"  {plain(line)}", 4, sys.stderr), err=True)


def ask_missing(missing: Sequence[Ask], answers: Mapping[str, str], options: Options) -> dict[str, str]:
    """The answers, with those that are missing asked for; without a terminal, an error that names them."""
    if missing and (options.no_input or options.json or not sys.stdin.isatty()):
        names = ", ".join(f"--{ask.name.replace('_', '-')}" for ask in missing)
        raise InvalidRequest(f"{names} must be given", hint="add it; --help says what each means")
    return dict(answers) | {ask.name: click.prompt(f"{ask.help}", err=True) for ask in missing}


def confirm(site: Site, made: Plan, options: Options) -> None:
    """Ask before anything is written; production wants its name typed back."""
    if options.yes:
        return
    if options.no_input or not sys.stdin.isatty():
        raise NotAuthorised("nobody can be asked whether to go ahead", hint="look at --dry-run first, then add --yes")
    environment = site.workspace.environment
    click.echo(f"\n{counted(len(made.items), 'change')}; nothing has been written yet.", err=True)
    if environment.kind == "PRODUCTION":
        said = click.prompt(f"This is PRODUCTION. Type {environment.name} to go ahead", err=True, default="")
        agreed = said == environment.name
    else:
        agreed = click.confirm("Go ahead?", err=True)
    if not agreed:
        raise NotAuthorised("you said no; nothing was changed", hint="save it for later with --save-plan plan.json")


def saved(made: Plan, path: Path, options: Options) -> None:
    """Write a plan file, private, and say what can be done with it."""
    try:
        write_private(path, made.dump())
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be written: {error.strerror}", hint="choose another place") from error
    if options.json:
        data("saved-plan/1", {"file": str(path), "hash": made.hash})
        return
    click.echo(f"{counted(len(made.items), 'change')} saved in {path}; good for 24 hours", err=True)
    click.echo(f"  to approve it: ops plan approve {path}\n  to apply it:   ops plan apply {path}", err=True)


def unchanged(made: Plan, run_id: str, options: Options) -> None:
    """After a dry run, or when all was already so."""
    if options.json and not (options.dry_run or options.check):
        data("result/1", {"run": run_id, "status": "already so", "changed": 0})
    elif not options.json and made.items:
        said = "This was a dry run: nothing was written. Run it without --dry-run to make these changes."
        click.echo(f"\n{hung(said, 2, sys.stderr)}", err=True)


def left(history: History, run_id: str, options: Options) -> None:
    """Before a run is gone on with: what is not known to be done."""
    if options.json:
        return
    items, done = history.plan.items, history.done()
    waiting = [item for number, item in enumerate(items) if number not in set(done)]
    known = f"going on: {len(done)} of {counted(len(items), 'change')} known to be done"
    click.echo(f"{known}; left:" if waiting else f"{known}; they are read back", err=True)
    for item in waiting[:MANY]:
        click.echo(hung(f"  {plain(item.about)} {plain(item.change.sentence())}", 4, sys.stderr), err=True)
    if len(waiting) > MANY:
        click.echo(f"  and {len(waiting) - MANY} more: ops run show {run_id}", err=True)


def complete(run_id: str, options: Options) -> None:
    """After being asked to go on with what is complete."""
    if options.json:
        data("result/1", {"run": run_id, "status": "already so", "changed": 0})
        return
    click.secho(f"Run {run_id} is complete already; nothing was changed.", fg="green", err=True)
    click.echo(f"  record        ops evidence show {run_id}", err=True)


def result(
    site: Site, history: History, run_id: str, options: Options, looks: Sequence[Mapping[str, Any]] = ()
) -> None:
    """What changed, the record, the way back, and what it counts toward."""
    from ops.cli.record import competencies

    items = history.plan.items
    without = f", completed without: {', '.join(map(plain, history.plan.not_done))}" if history.plan.not_done else ""
    tags = competencies(site, run_id)
    if options.json:
        body = {"run": run_id, "status": "completed", "changed": len(history.done())}
        body |= {"afterwards": list(looks)} if looks else {}
        data("result/1", body | {"not_done_here": list(history.plan.not_done), "counts_toward": toward.names(tags)})
        return
    subjects = list(dict.fromkeys(item.about for n, item in enumerate(items) if history.outcomes.get(n) in DONE))
    what = (
        f"{counted(len(history.done()), 'change')} made and read back{without}: {', '.join(map(plain, subjects[:3]))}"
    )
    click.secho(hung(f"Done. {what}", 2, sys.stderr), fg="green", err=True)
    if sheets := [item.change.subject for item in items if isinstance(item.change, Delivery) and item.change.after]:
        sheet = plain(sheets[0])
        told = f"  password      ops handover show {sheet}   (then: ops handover done {sheet})"
        click.echo(hung(told, 16, sys.stderr), err=True)
    click.echo(f"  record        ops evidence show {run_id}", err=True)
    if not history.plan.undoes and any(item.change.inverse() and kind_of(item.change) != HANDOVER for item in items):
        click.echo(f"  to take back  ops run undo {run_id}", err=True)
    daily = {kind_of(item.change) for item in items} == {"register"}
    for line in toward.short(tags) if daily else toward.lines(tags):
        click.echo(hung(line, 16, sys.stderr), err=True)


def refuse_unanswered(made: Plan) -> None:
    """Raise ``PartlyDone`` if a host did not answer while the plan was made."""
    if unanswered := [name for name in made.not_done if ": " in name]:
        raise PartlyDone(f"not done: {'; '.join(unanswered)}", hint="run it again when they answer: only that is done")


@contextmanager
def progress(total: int) -> Iterator[Callable[[int, int], None]]:
    """On a terminal a bar for many changes, and for few what works on them; nothing elsewhere."""
    if not sys.stderr.isatty() or total < MANY:
        with working():
            yield silent
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn

    columns = ("  ", BarColumn(), MofNCompleteColumn(), "changes,", TimeRemainingColumn(compact=True), "left")
    with _live(*columns, total=total) as update:
        yield lambda done, _: update(done)


@contextmanager
def counting() -> Iterator[Callable[[int], None]]:
    """On a terminal, how many rows were gone through and for how long already; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import TimeElapsedColumn

    with _live("  {task.completed:,} rows,", TimeElapsedColumn()) as update:
        yield update


@contextmanager
def _live(*columns: Any, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A line on the terminal that goes when it is over."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)
