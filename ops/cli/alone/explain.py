"""What a command would send, and why."""

from __future__ import annotations

import click

from ops.cli.explaining import explain_lines
from ops.cli.table import hung


@click.command()
@click.argument("command", nargs=-1, required=True)
def explain(command: tuple[str, ...]) -> None:
    """Say what a command reads and writes on a server, in which order and why; nothing is contacted."""
    for line in explain_lines(command):
        column = len(line) - len(line.lstrip(" "))
        click.echo(hung(line, column and column + 2))
