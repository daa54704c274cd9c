"""The leavers' book."""

from __future__ import annotations

import click

from ops.cli.data import data
from ops.cli.site import open_site
from ops.cli.table import table
from ops.cli.terminal import plain
from ops.cli.tracing import page_of


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(as_json: bool) -> None:
    """List who left, when and why; their names are never given again."""
    with open_site(enter=False, reading=True) as site:
        pages = site.leavers.pages().values()
    rows = [{name: str(page[name]) for name in ("logon", "name", "left", "why")} for page in pages]
    if as_json:
        data("leavers/1", {"leavers": rows})
        return
    click.echo(table(("logon name", "name", "left", "why"), [tuple(row.values()) for row in rows]))


@click.command()
@click.argument("logon")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(logon: str, as_json: bool) -> None:
    """Show what somebody had when they left: groups, place, number."""
    with open_site(enter=False, reading=True) as site:
        page = page_of(site, logon)
    said = {name: page[name] for name in ("logon", "name", "employee", "mail", "uid", "dn", "left", "why")}
    said["groups"] = list(page["groups"].values())
    if as_json:
        data("leaver/1", said)
        return
    for word, value in said.items():
        click.echo(f"  {word:<10} {plain(', '.join(value) if isinstance(value, list) else str(value))}")
