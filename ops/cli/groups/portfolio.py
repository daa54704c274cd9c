"""Where you stand: what is there, what is missing, and what to do next."""

from __future__ import annotations

from pathlib import Path

import click

from evidence.coverage import Coverage
from ops.cli import covering, exporting, mentoring
from ops.cli.data import data
from ops.cli.site import Site, open_site
from ops.cli.table import hung, table
from ops.cli.terminal import counted, plain

ONLY = click.option("--framework", "only", multiple=True, metavar="ID", help="Only this framework; again for more.")
OF = click.option("--of", "person", default="", help="An apprentice on file with you: their name or id.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


def standing(site: Site, person: str, only: tuple[str, ...]) -> Coverage:
    """Our own coverage, or that of an apprentice on file."""
    if not person:
        return covering.coverage(site, site.ledger, site.ledger, site.identity.person, only)[0]
    file = mentoring.file_of(site, person)
    with mentoring.held(file) as held:
        return covering.coverage(site, held, site.ledger, file.person, only)[0]


@click.command()
@ONLY
@OF
@JSON
def status(only: tuple[str, ...], person: str, as_json: bool) -> None:
    """Show a map of each framework: one sign an item."""
    with open_site(enter=False, reading=True) as site:
        made = standing(site, person, only)
    if as_json:
        data("portfolio/1", covering.shape(made))
        return
    for line in covering.map_lines(made):
        click.echo(line)
    click.echo(f"from {counted(made.records, 'record')}; what is missing: ops portfolio gaps", err=True)


@click.command()
@ONLY
@OF
@JSON
def gaps(only: tuple[str, ...], person: str, as_json: bool) -> None:
    """List what is not signed off: what is there, and what is missing."""
    with open_site(enter=False, reading=True) as site:
        made = standing(site, person, only)
        rows = covering.gap_rows(made)
    if as_json:
        data("portfolio/1", covering.shape(made))
        return
    head = ("item", "what", "there is", "missing", "easiest")
    click.echo(table(head, rows) if rows else "everything is signed off")


@click.command("next")
@ONLY
@OF
@click.option("--number", default=7, show_default=True, type=click.IntRange(1, 100), help="How many suggestions.")
@JSON
def next_(only: tuple[str, ...], person: str, number: int, as_json: bool) -> None:
    """Say what to do next: the work that gives evidence for most of what is missing."""
    with open_site(enter=False, reading=True) as site:
        made = standing(site, person, only)
        rows = covering.next_rows(made, list(made.states.values()), number)
    if as_json:
        data("portfolio-next/1", {"next": [{"command": c, "items": int(n)} for c, n, _ in rows]})
        return
    click.echo(table(("do this", "items", "such as"), rows) if rows else "nothing is missing that work could give")
    if not person:
        click.echo(hung("  then hand it in: ops evidence submit -o week.evidence", 2), err=True)


@click.command()
@click.argument("what", type=click.Choice(exporting.WHAT))
@click.option(
    "-o", "--output", "file", required=True, type=click.Path(path_type=Path), help="NEW.docx, .html or .xlsx."
)
@OF
@ONLY
@click.option("--provider", default="", help="For a training provider of this name: only pseudonyms leave.")
@click.option("--best", default=0, type=click.IntRange(0, 1000), help="Only so many records: those that say most.")
@click.option("--without-reflections", is_flag=True, help="Some assessments do not want them.")
@JSON
def export(
    what: str,
    file: Path,
    person: str,
    only: tuple[str, ...],
    provider: str,
    best: int,
    without_reflections: bool,
    as_json: bool,
) -> None:
    """Write a paper: portfolio, schedule (RAPIDS), completion (SCQF), profile, training-plan, match, or the bundle."""
    with open_site(enter=False, reading=True) as site:
        wish = exporting.Wish(what, person, only, provider, best, without_reflections)
        made = exporting.export(site, wish, file)
    if as_json:
        data("portfolio-export/1", made)
        return
    click.echo(f"{plain(made['file'])}: {made['records']} of {counted(made['of'], 'record')}", err=True)
