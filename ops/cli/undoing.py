"""Taking a run back: what cannot come back is said first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import click

from evidence.event import now
from ops.approval import required
from ops.cli import show
from ops.cli.options import Options
from ops.cli.record import note_refusal
from ops.cli.runs import history_of, what_of
from ops.cli.site import Site
from ops.cli.table import hung
from ops.cli.terminal import plain
from ops.errors import Conflict, InvalidRequest, OpsError, Refused
from ops.history import History
from ops.plan import Projections, stamped
from ops.undo import MovedOn, Undo, plan_undo


def undo_run(site: Site, run: str, options: Options, carry_out: Callable[..., None], new_id: str) -> None:
    """Plan the way back on things as they stand now, show it, and carry it out."""
    show.header(site, options)
    history = history_of(site, run)
    if history.open():
        raise InvalidRequest(f"run {run} is not finished", hint=f"first: ops run resume {run}")
    why: dict[str, Any] = {"ticket": options.ticket, "reason": options.reason}
    try:
        required(site.workspace.environment.require, why)
        undo = planned_undo(site, run, history)
        tell(undo, options)
        if undo.lost and not undo.plan.items and not undo.already:
            raise Refused(f"nothing of run {run} can be taken back", hint=f"ops evidence show {run} says what it did")
    except OpsError as error:
        note_refusal(site, new_id, "undo", error)
        raise
    plan = replace(undo.plan, why=why, environment=site.workspace.environment.name, undoes=run)
    carry_out(site, stamped(plan, now()), options, new_id)


def planned_undo(site: Site, run: str, history: History) -> Undo:
    """The way back; if a later run of this workspace stands in it, the error names that run."""
    try:
        return plan_undo(history, Projections(site.targets))
    except MovedOn as moved:
        if not (later := _moved_by(site, run, moved)):
            raise
        said = f"{moved}; run {later} changed it since ({what_of(site.ledger.run(later))})"
        raise Conflict(said, hint=f"undo that first: ops run undo {later}") from moved


def _moved_by(site: Site, run: str, moved: MovedOn) -> str:
    """The newest later run that stands in the way and was not taken back itself; empty if there is none."""
    back: set[str] = set()
    for begun in site.ledger.runs():
        if begun.run == run:
            break
        with suppress(OpsError):  # names that were erased, runs without a plan
            later = history_of(site, begun.run)
            if later.plan.undoes and len(later.done()) == len(later.plan.items):
                back |= {begun.run, later.plan.undoes}
            if begun.run not in back and moved.moved_by(later):
                return begun.run
    return ""


def tell(undo: Undo, options: Options) -> None:
    """What cannot come back, and what is back already."""
    for line in undo.lost if not options.json else ():
        click.secho(hung(f"cannot be taken back: {plain(line)}", 2, sys.stderr), fg="yellow", err=True)
    if not options.json and any("password" in line for line in undo.lost):
        click.echo("  a new password for them: ops account reset-password LOGON", err=True)
    for line in undo.already if not options.json else ():
        click.echo(hung(f"already so: {plain(line)}", 2, sys.stderr), err=True)
