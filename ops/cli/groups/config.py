"""Settings."""

from __future__ import annotations

from collections.abc import Iterator

import click

from inventory.model import Workspace
from ops.cli.data import data
from ops.cli.site import workspace_from
from ops.cli.table import table


@click.command()
@click.option("--origin", is_flag=True, help="Say where each value came from.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(origin: bool, as_json: bool) -> None:
    """Show the settings that are in force, and the targets of the inventory."""
    rows = list(settings(workspace_from()))
    if as_json:
        found = [dict(zip(("name", "value", "origin"), row, strict=True)) for row in rows]
        data("config/1", {"settings": found})
        return
    head = ("setting", "value", "from") if origin else ("setting", "value")
    click.echo(table(head, [row if origin else row[:2] for row in rows]))


def settings(workspace: Workspace) -> Iterator[tuple[str, str, str]]:
    """Name, value and origin of everything that is set."""
    yield "workspace", str(workspace.folder), "the nearest ops.toml, or --workspace"
    for name, value in vars(workspace.environment).items():
        yield f"environment.{name}", str(value), "ops.toml"
    for one in workspace.origins:
        yield one.name, one.value, one.source
    for target in workspace.targets.values():
        credential = target.credential.partition(":")[0]
        what = f"{target.kind} {target.hostname} as {target.account or 'nobody'} ({credential})"
        yield f"target.{target.name}", what, "inventory"
