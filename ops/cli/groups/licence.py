"""Looking at licences: what there is, who has seats, where one stands, what comes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from ops.cli import derive, licensed, taking
from ops.cli.options import Day
from ops.cli.site import open_site

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
DAY = Day()
PRODUCT = click.argument("product", default="")


@click.command()
@click.argument("key", default="")
@JSON
def show(key: str, as_json: bool) -> None:
    """List the licences that were bought; with a name show one, with who has its seats."""
    with open_site(enter=False, reading=True) as site:
        said = licensed.one(site.register, key) if key else licensed.every(site.register)
    said.tell("licence/1" if key else "licences/1", as_json)


@click.command("import", cls=derive.Derived, operation="licence.import_")
@click.option("--results", type=click.Path(path_type=Path), help="Where to write what becomes of each row, as CSV.")
def import_(**given: Any) -> None:
    """Take a list of licences into the register."""
    taking.take(given, "licence.import_")


@click.command()
@PRODUCT
@click.option("--derivation", is_flag=True, help="Show every line that counts or not, with the rule.")
@click.option("--on", type=DAY, default=None, help="As of this day; today if left out.")
@JSON
def position(product: str, derivation: bool, on: date | None, as_json: bool) -> None:
    """Show for each product what is owned, what is needed, and what follows; with a product, only that one.

    Needed is counted from collected inventories (ops estate discover) and from seats. What no rule knows is listed
    by ops licence unrecognised, and never dropped.
    """
    look = licensed.derived if derivation else licensed.position
    with open_site(enter=False, reading=True) as site:
        said = look(site.register, product, on or licensed.today())
    said.tell("licence-derivation/1" if derivation else "licence-position/1", as_json)


@click.command()
@PRODUCT
@click.option("--until", type=DAY, default=None, help="The day; the next anniversary if left out.")
@JSON
def forecast(product: str, until: date | None, as_json: bool) -> None:
    """Say what will be needed, low, mid and high: those who join and leave by date, and the trend of six months."""
    with open_site(enter=False, reading=True) as site:
        said = licensed.forecasts(site.register, product, until, licensed.movers(site))
    said.tell("licence-forecast/1", as_json)


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How far to look ahead.")
@JSON
def renewals(days: int, as_json: bool) -> None:
    """Show what ends when, the last day to give notice first."""
    with open_site(enter=False, reading=True) as site:
        said = licensed.renewals(site.register, days)
    said.tell("licence-renewals/1", as_json)


@click.command()
@JSON
def unused(as_json: bool) -> None:
    """Show seats that could be taken back, and what that would save at the next renewal.

    Where use cannot be seen, a seat is never called unused.
    """
    with open_site(enter=False, reading=True) as site:
        said = licensed.unused(site.register)
    said.tell("licence-unused/1", as_json)


@click.command()
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="Show no more than so many.")
@JSON
def unrecognised(most: int, as_json: bool) -> None:
    """Show installed software that no rule knows, the most frequent first."""
    with open_site(enter=False, reading=True) as site:
        said = licensed.unrecognised(site.register, most)
    said.tell("licence-unrecognised/1", as_json)


@click.command()
@click.argument("word", default="")
@JSON
def products(word: str, as_json: bool) -> None:
    """List what licences can be for, and check the rules that recognise it in inventories."""
    with open_site(enter=False, reading=True) as site:
        said = licensed.products(site.workspace.folder, word)
    said.tell("licence-products/1", as_json)
