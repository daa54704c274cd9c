"""Looking at one account."""

from __future__ import annotations

import click

from ops.cli.data import data
from ops.cli.people import entry_lines, entry_shape
from ops.cli.site import open_site


@click.command()
@click.argument("account")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(account: str, as_json: bool) -> None:
    """Show one account: whether its owner can sign in, and if not why, its groups and names."""
    with open_site() as site:
        directory = site.targets[site.kinds["directory"]]
        entry = directory.account(account)
        groups = sorted(directory.about(ref) for ref in entry.groups)
        if as_json:
            data("account/1", entry_shape(entry, groups))
            return
        for line in entry_lines(entry, groups):
            click.echo(line)
