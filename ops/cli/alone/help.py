"""Pages to read."""

from __future__ import annotations

import sys
from textwrap import fill

import click

from ops.cli.topics import errors, page, topics


@click.command()
@click.argument("topic", default="")
def help(topic: str) -> None:  # noqa: A001  the command is called help
    """Read about a topic, or about an error by the name it was given; without one, list them."""
    if topic:
        text = page(topic)
        if sys.stdout.isatty():
            from ops.cli.rendering import render

            render(text)
        else:
            click.echo(text, nl=False)
        return
    for name, title in topics().items():
        click.echo(f"  {name:<12} {title.partition(': ')[2]}")
    click.echo("\nand a page for each error:\n")
    click.echo(fill(", ".join(errors()), 78, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False))
    click.echo("\n  ops help TOPIC")
