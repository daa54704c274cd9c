"""What is left of the money."""

from __future__ import annotations

import click

from ops.cli import keeping
from ops.cli.data import data
from ops.cli.site import open_site
from ops.cli.table import table


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(as_json: bool) -> None:
    """Show budgets: what there was, what was spent, what is left."""
    with open_site(enter=False, reading=True) as site:
        rows = keeping.budget_rows(site.register)
    if as_json:
        data("budgets/1", {"budgets": rows})
        return
    head = ("budget", "amount", "spent", "left", "", "for")
    shown = [(r["key"], r["amount"], r["spent"], r["left"], r["currency"], r.get("what_for", "")) for r in rows]
    click.echo(table(head, shown) if shown else "there is no budget yet: ops budget set it/2026 20000.00 EUR")
