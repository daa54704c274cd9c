"""Reports: workbooks that are sent as they are, and that anybody can have checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ops.cli.data import data
from ops.cli.options import Day
from ops.cli.site import Site, open_site

PATH = click.Path(path_type=Path)
JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


def wished(command: Callable[..., Any]) -> Any:
    """The options of every report."""
    made: Any = command
    for option in reversed((
        click.option("--as-of", "on", type=Day(), help="The end of a day that is over."),
        click.option("--template", type=PATH, help="A TOML file with your logo, colours, and names of sheets."),
        click.option("--approved-by", default="", help="Who approved it, printed on the first page."),
        click.option("--owner", default="", help="Who answers for what is not well; you, if left out."),
        click.option("--replace", is_flag=True, help="Replace a report of that name which nobody changed since."),
        click.option("--classification", default="Internal", show_default=True, help="Printed on every page."),
        JSON,
    )):  # fmt: skip
        made = option(made)
    return made


OUT = click.option(
    "-o", "--out", type=PATH, help="The file to write: .xlsx, or .csv or .json. Without it, page one only."
)


@click.command()
@OUT
@wished
def assets(**given: Any) -> None:
    """Report on all assets: on the books, with whom, missing, out of warranty, worth, unauthorised, disposed of.

    What no source told stands as UNKNOWN on the first page, with how to make it known.
    """
    _make("assets", given)


@click.command()
@OUT
@wished
def licences(**given: Any) -> None:
    """Report on licences: what is owned and needed, every line of it, renewals, forecast, unused and unknown software.

    Needed is counted from collected inventories; without them it stands as not evaluated.
    """
    _make("licences", given)


@click.command()
@OUT
@wished
def access(**given: Any) -> None:
    """Report on access: who can sign in, who is in which group, and who left and still can.

    It asks the directory of the inventory; without one, and for a day that is over, all of it is UNKNOWN.
    """
    _make("access", given)


@click.command()
@OUT
@wished
def backups(**given: Any) -> None:
    """Report on backups: each system by freshness, shape, integrity, restore and 3-2-1-1-0; what has none at all.

    It tells what ops backup check, coverage and restore-test found; what is too old to say anything is UNKNOWN.
    """
    _make("backups", given)


@click.command("all")
@click.option("-o", "--out", type=PATH, required=True, help="A folder; each report becomes a workbook in it.")
@wished
def all_(**given: Any) -> None:
    """Make all reports, each a workbook and a record of its own."""
    from ops.cli import reporting, showing

    as_json = given.pop("as_json")
    folder = given.pop("out")
    with open_site() as site:
        _watched(site, as_json)
        made = reporting.every(site, folder, **given)
    if as_json:
        data("reports/1", {"reports": [showing.shape(one) for one in made]})
    for one in made if not as_json else ():
        showing.tell(one)


@click.command()
@click.argument("report", type=click.Choice(["assets", "licences", "access", "backups"]))
@click.option("--on", "day", required=True, help="The first day, up to the 28th, as YYYY-MM-DD (UTC).")
@click.option("-o", "--out", type=PATH, help="The folder to write into; in the state folder if left out.")
@JSON
def monthly(report: str, day: str, out: Path | None, as_json: bool) -> None:
    """Put a report on the schedule, each month anew: it is written, recorded, and mailed if ops.toml says to whom.

    ops schedule run-due does it, ops schedule list shows it, ops schedule remove ends it.
    """
    from ops.cli.monthly import add

    with open_site(enter=False) as site:
        name = add(site, report, day, str(out.absolute()) if out else "")
    if as_json:
        data("job/1", {"job": name})
    else:
        click.echo(f"on the schedule: {name}   (ops schedule remove {name})", err=True)


@click.command()
@click.argument("file", type=PATH)
@click.option("--run", default="", help="The run that made it, where the file does not tell, as CSV.")
@JSON
def verify(file: Path, run: str, as_json: bool) -> None:
    """Make a report again from the register as it was then, compare every byte, and say which sheets differ.

    It needs the workspace that made it. Exit 3 if the file is not the same.
    """
    from ops.cli import rebuilding, showing

    with open_site(enter=False, reading=True) as site:
        checked = rebuilding.check(site, file, run)
    showing.tell_checked(checked, file.name, as_json)


def _make(name: str, given: dict[str, Any]) -> None:
    from ops.cli import reporting, showing

    as_json = given.pop("as_json")
    with open_site(enter=name == "access") as site:
        _watched(site, as_json)
        made = reporting.report(site, reporting.Wish(name, **given))
    if as_json:
        data("report/1", showing.shape(made))
    else:
        showing.tell(made)


def _watched(site: Site, as_json: bool) -> None:
    """How far it has come, for people."""
    from ops.cli.show import counting

    if not as_json:
        site.register.watch = counting
