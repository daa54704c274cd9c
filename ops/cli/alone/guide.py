"""Six tasks to begin with, and five on backups."""

from __future__ import annotations

import click

from ops.cli import guiding, guiding_backups
from ops.cli.site import open_site
from ops.cli.table import hung
from ops.errors import InvalidRequest

TOURS = {"first": guiding, "backups": guiding_backups}


@click.command()
@click.argument("tour", type=click.Choice(list(TOURS)), default="first")
@click.option("--answer", default="", help="Your answer to a question of the guide.")
def guide(tour: str, answer: str) -> None:
    """Take you through six tasks on the practice network, or five on backups; each is checked by what you did."""
    with open_site(enter=False) as site:
        if not site.workspace.environment.lab:
            raise InvalidRequest("the guide is for the practice network", hint="ops lab up, then cd practice")
        at = TOURS[tour]
        if answer:
            at.answered(site, answer)
        finished = at.done(site)
        for number, task in enumerate(at.TASKS):
            click.echo(f"  {'done' if number < finished else '    '}  {number + 1}. {task.title}")
        click.echo("")
        for line in at.next_task(finished):
            click.echo(hung(line, 3))
