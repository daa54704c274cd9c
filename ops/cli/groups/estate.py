"""What is really there: asked, compared, located."""

from __future__ import annotations

from typing import Any

import click

from ops.cli import auditing, derive, locating
from ops.cli.options import Options
from ops.cli.site import open_site
from ops.finding import Verdict

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
FAIL_ON = click.option(
    "--fail-on", type=click.Choice(["fail", "unknown", "warn", "never"]), default="fail", show_default=True,
    help="Exit 3 if a case is this bad.",
)  # fmt: skip


@click.command(cls=derive.Looking, audit="estate.discover")
@JSON
def discover(as_json: bool, **given: Any) -> None:
    """Ask every source what is there, and keep what it says."""
    arguments = derive.asked("estate.discover", given)
    with open_site() as site:
        auditing.run_audit(site, "estate.discover", Verdict.FAIL, arguments, Options(json=as_json))


@click.command(cls=derive.Looking, audit="estate.reconcile")
@FAIL_ON
@auditing.EVERYTHING
@JSON
def reconcile(fail_on: str, as_json: bool, everything: bool) -> None:
    """Compare the register with everything that was found."""
    worst = Verdict[fail_on.upper()] if fail_on != "never" else None
    with open_site(enter=False) as site:
        auditing.run_audit(site, "estate.reconcile", worst, {}, Options(json=as_json, everything=everything))


@click.command()
@click.argument("word")
@click.option("--why", default="", metavar="OTHER", help="Why this and OTHER are one machine, or are not.")
@JSON
def locate(word: str, why: str, as_json: bool) -> None:
    """Find a machine by tag, name, serial number, hardware or network address: where it was seen, when, by whom.

    Names and addresses are those that sources told; each line says by what it was joined to the machine.
    """
    with open_site(enter=False, reading=True) as site:
        said = locating.why(site.register, word, why) if why else locating.where(site.register, word)
    said.tell("estate-why/1" if why else "estate-locate/1", as_json)
