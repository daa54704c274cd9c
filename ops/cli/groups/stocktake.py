"""Counting what is there: scanning, and the result."""

from __future__ import annotations

from pathlib import Path

import click

from ops.cli import counting_stock
from ops.cli.data import data
from ops.cli.site import open_site
from ops.cli.table import table
from ops.cli.terminal import counted

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.command()
@click.argument("key")
@click.argument("codes", nargs=-1)
@click.option("--place", default="", help="Where you stand: SITE / LOCATION, or the location alone.")
@click.option("--from", "file", type=click.Path(path_type=Path), help="A file of a scanner: CODE,PLACE,TIME a line.")
@click.option("--photo", type=click.Path(path_type=Path), help="A photo of it; its SHA-256 is kept.")
@JSON
def scan(key: str, codes: tuple[str, ...], place: str, file: Path | None, photo: Path | None, as_json: bool) -> None:
    """Read codes in: as words, from a file, or from a scanner that types them, one a line, until an empty line.

    No network is needed: a scanner's file can be brought back later, and a line that was read twice is told.
    """
    with open_site(enter=False) as site:
        lines = counting_stock.take(site, key, codes, place, file, photo)
    if as_json:
        data("scans/1", {"scans": [vars(line) for line in lines]})
        return
    for line in lines:
        click.echo(counting_stock.in_words(line))
    click.echo(f"  {counted(len(lines), 'code')} read; at the end: ops stocktake close {key}", err=True)


@click.command()
@click.argument("key", default="")
@click.option("--only", default="", help="found, misplaced, missing, unexpected or repeated.")
@JSON
def show(key: str, only: str, as_json: bool) -> None:
    """Show a stock-take as it stands, five ways; without a name list them all."""
    with open_site(enter=False, reading=True) as site:
        said = counting_stock.result_of(site.register, key, only) if key else counting_stock.all_of(site.register)
    if as_json:
        data("stocktake/1" if key else "stocktakes/1", said)
        return
    click.echo(table(said["head"], said["rows"]) if said["rows"] else said["none"])
    if said["numbers"]:
        click.echo("  " + ", ".join(f"{number} {word}" for word, number in said["numbers"].items()), err=True)
