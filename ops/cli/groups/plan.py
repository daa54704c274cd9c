"""Plans that were saved."""

from __future__ import annotations

from pathlib import Path

import click

from ops.approval import approval_file, required
from ops.approval import approve as sign
from ops.cli import show as screen
from ops.cli.conduct import carry_out
from ops.cli.data import data
from ops.cli.options import Options
from ops.cli.record import new_run, note_refusal
from ops.cli.site import open_site
from ops.errors import Conflict, InvalidRequest, OpsError
from ops.plan import Plan, Projections, expired, load, remaining, replay, told


def _approval(path: Path) -> str:
    """What lies beside a plan; nothing readable counts as no approval."""
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""


FILE = click.argument("file", type=click.Path(path_type=Path))


def read(path: Path) -> Plan:
    """A plan file that was not edited."""
    try:
        return load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"the plan file {path} cannot be read", hint="save one with --save-plan") from error


@click.command()
@FILE
@click.option("--details", is_flag=True, help="Show every value before and after.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(file: Path, details: bool, as_json: bool) -> None:
    """Show what a saved plan would do."""
    made = read(file)
    if as_json:
        data("plan-view/1", screen.plan_shape(made))
        return
    for line in screen.plan_lines(made, details):
        click.echo(line)
    click.echo(f"made {made.made}, for {made.environment}, hash {made.hash}", err=True)


@click.command()
@FILE
def approve(file: Path) -> None:
    """Sign a plan that somebody else will apply; you answer for having read it."""
    made = read(file)
    with open_site(enter=False) as site:
        signature = sign(made, site.signer)
        try:
            approval_file(file).write_text(signature, encoding="ascii")
        except OSError as error:
            message = f"{approval_file(file)} cannot be written: {error.strerror}"
            raise InvalidRequest(message, hint="copy the plan to a place of your own") from error
        fingerprint = site.identity.fingerprint
    click.echo(f"approved {made.hash[:16]} with {fingerprint}: {approval_file(file)}", err=True)


@click.command()
@FILE
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--no-input", is_flag=True, help="Never ask; fail instead.")
@click.option("--details", is_flag=True, help="Show every value before and after.")
@click.option("--json", "json_", is_flag=True, help="Print the result as JSON.")
def apply(file: Path, yes: bool, no_input: bool, details: bool, json_: bool) -> None:
    """Carry out a saved plan, if nothing it touches has moved since."""
    options = Options(yes=yes, no_input=no_input, details=details, json=json_)
    made = read(file)
    signed = approval_file(file)
    with open_site(ask=not no_input) as site:
        screen.header(site, options)
        run = new_run()
        try:
            _still_good(made, site.workspace.environment.name)
            required(site.workspace.environment.require, made.why)
            replay(made.items, Projections(site.targets))
            _as_planned_now(made, Projections(site.targets))
        except OpsError as error:
            note_refusal(site, run, made.source, error)
            raise
        carry_out(site, made, options, run, approval=_approval(signed))


def _as_planned_now(made: Plan, projections: Projections) -> None:
    """Planning its steps again gives what the file says, guards and all: a hash alone anybody can make anew."""
    if not made.undoes and told(remaining(made, projections)) != told(made.items):
        raise Conflict("planning again gives other changes or guards than the file has", hint="plan again")


def _still_good(made: Plan, environment: str) -> None:
    if expired(made):
        raise Conflict("the plan is older than 24 hours", hint="plan again")
    if made.environment != environment:
        raise Conflict(f"the plan was made for {made.environment or 'another environment'}", hint="plan again here")
