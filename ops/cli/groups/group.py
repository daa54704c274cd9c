"""Looking at one group."""

from __future__ import annotations

from typing import Any

import click

from ops.adapters.directory_guards import Joinable
from ops.adapters.directory_names import equals
from ops.cli.data import data
from ops.cli.site import open_site
from ops.cli.table import table
from ops.cli.terminal import plain
from ops.errors import Refused


@click.command()
@click.argument("group")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(group: str, as_json: bool) -> None:
    """Show one group: its direct members, and whether this tool may add any."""
    with open_site() as site:
        directory = site.targets[site.kinds["directory"]]
        entry = directory.group(group)
        members = directory.search(equals("memberOf", entry.dn))
        why_not = closed(directory, entry.ref)
    rows = sorted((one.logon_name, one.name, one.kind) for one in members)
    if as_json:
        found = [dict(zip(("logon_name", "name", "kind"), row, strict=True)) for row in rows]
        data("group/1", {"name": entry.logon_name, "members": found, "closed": why_not})
        return
    click.echo(f"{entry.logon_name}: {len(rows)} direct members; {plain(why_not) or 'members can be added'}")
    click.echo(table(("logon name", "name", "kind"), rows))


def closed(directory: Any, ref: str) -> str:
    """Why nobody may be added to a group; empty if somebody may."""
    try:
        Joinable(ref).check(directory)
    except Refused as error:
        return str(error)
    return ""
