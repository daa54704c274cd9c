"""Hand-over sheets."""

from __future__ import annotations

import click

from ops.adapters.handover_folder import HandoverFolder
from ops.cli.data import data
from ops.cli.site import HANDOVER, workspace_from
from ops.cli.terminal import plain


def desk() -> HandoverFolder:
    """The folder of this workspace."""
    return HandoverFolder(workspace_from().state / HANDOVER)


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(as_json: bool) -> None:
    """List the people whose first password waits to be handed over."""
    waiting = desk().everybody()
    if as_json:
        data("handover-list/1", {"waiting": list(waiting)})
        return
    for logon in waiting:
        click.echo(plain(logon))
    if not waiting:
        click.echo("no sheet is waiting", err=True)


@click.command()
@click.argument("logon")
def show(logon: str) -> None:
    """Show one sheet, for its owner's eyes, and the letters beside it; afterwards: ops handover done LOGON."""
    folder = desk()
    texts = [folder.read(logon), *folder.letters(logon).values()]
    click.echo(f"\n{'─' * 60}\n\n".join(texts), nl=False)


@click.command()
@click.argument("logon")
def done(logon: str) -> None:
    """Delete a sheet once its owner has it, and the letters with it."""
    folder = desk()
    folder.read(logon)
    folder.take_back(logon)
    for kind, text in folder.letters(logon).items():
        folder.write(f"{logon}/{kind}", text, None)
    click.echo(f"the sheet of {plain(logon)} is deleted", err=True)
