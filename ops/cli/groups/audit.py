"""Audits."""

from __future__ import annotations

from typing import Any

import click

from ops.cli import derive
from ops.cli.auditing import EVERYTHING, family, run_audits
from ops.cli.comparing import compared_all
from ops.cli.data import data
from ops.cli.options import Options
from ops.cli.site import open_site
from ops.cli.waiving import tell_untried
from ops.finding import Verdict
from ops.operation import names, summary


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(as_json: bool) -> None:
    """List the audits there are."""
    found = {name: summary("audits", name) for name in names("audits")}
    if as_json:
        data("audit-list/1", {"audits": found})
        return
    for name, line in found.items():
        click.echo(f"{name:<24} {line}")


@click.command()
@click.argument("name")
@click.option(
    "--fail-on",
    type=click.Choice(["fail", "warn", "unknown"]),
    default="fail",
    show_default=True,
    help="Exit 3 from here on.",
)
@click.option("--place", default="", help="Look below this DN only.")
@click.option("--account", default="", help="Look at this account, by its logon name.")
@EVERYTHING
@click.option("--json", "json_", is_flag=True, help="Print as JSON.")
def run(name: str, fail_on: str, json_: bool, everything: bool, **where: str) -> None:
    """Run one audit, such as passwords, or all of a family, such as estate, licences or backups.

    The worst comes first, and what is well is a number. What it saw is recorded, and what it did not look at is said.
    """
    given = {key: value for key, value in where.items() if value}
    with open_site() as site:
        run_audits(site, family(name), Verdict[fail_on.upper()], given, Options(json=json_, everything=everything))


@click.command(cls=derive.Derived, operation="audit.waive")
def waive(**given: Any) -> None:
    """Leave a finding out of the verdict until a day; it is shown all the same. No waiver is for ever."""
    derive.carry_out("audit.waive", given, tell_untried)


@click.command()
@click.argument("name")
@click.option("--since", default="", metavar="RUN", help="Compare with this run; with the one before if left out.")
@click.option("--json", "json_", is_flag=True, help="Print as JSON.")
def compare(name: str, since: str, json_: bool) -> None:
    """Show what an audit found that it had not found before, and what it finds no more."""
    with open_site(enter=False, reading=True) as site:
        said = compared_all(site, family(name), since)
    said.tell("audit-compare/1", json_)
