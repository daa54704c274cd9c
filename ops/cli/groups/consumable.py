"""What is on the shelf."""

from __future__ import annotations

import click

from ops.cli import keeping
from ops.cli.data import data
from ops.cli.site import open_site
from ops.cli.table import table


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(as_json: bool) -> None:
    """Show consumables and spare parts, those that are too few first."""
    with open_site(enter=False, reading=True) as site:
        rows = keeping.stock_rows(site.register)
    if as_json:
        data("consumables/1", {"consumables": rows})
        return
    rows.sort(key=lambda row: row["too_few"] != "yes")
    shown = [
        (row["key"], row["name"], row.get("on_hand", "0"), "too few" if row["too_few"] == "yes" else "",
         row.get("location", ""), row.get("fits", ""))
        for row in rows
    ]  # fmt: skip
    head = ("key", "what", "on hand", "", "where", "fits")
    click.echo(table(head, shown) if shown else "nothing is kept yet: ops consumable add KEY NAME")
