"""Settings."""

from __future__ import annotations

import json

import click

from ops.cli.site import workspace_from
from ops.cli.table import table


@click.command()
@click.option("--origin", is_flag=True, help="Say where each value came from.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(origin: bool, as_json: bool) -> None:
    """Show the settings that are in force, and the targets of the inventory."""
    workspace = workspace_from()
    environment = workspace.environment
    rows = [("workspace", str(workspace.folder), "the nearest ops.toml, or --workspace")]
    rows += [(f"environment.{name}", str(value), "ops.toml") for name, value in vars(environment).items()]
    rows += [(one.name, one.value, one.source) for one in workspace.origins]
    for target in workspace.targets.values():
        what = (
            f"{target.kind} {target.hostname} as {target.account or 'nobody'} ({target.credential.partition(':')[0]})"
        )
        rows.append((f"target.{target.name}", what, "inventory"))
    if as_json:
        found = [dict(zip(("name", "value", "origin"), row, strict=True)) for row in rows]
        click.echo(json.dumps({"shape": "config/1", "settings": found}, ensure_ascii=False))
        return
    head = ("setting", "value", "from") if origin else ("setting", "value")
    click.echo(table(head, [row if origin else row[:2] for row in rows]))
