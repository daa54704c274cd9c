"""Six tasks to begin with."""

from __future__ import annotations

import click

from ops.cli.guiding import TASKS, answered, done, next_task
from ops.cli.site import open_site
from ops.cli.table import hung
from ops.errors import InvalidRequest


@click.command()
@click.option("--answer", default="", help="Your answer to a question of the guide.")
def guide(answer: str) -> None:
    """Take you through six tasks on the practice network; each is checked by what you really did."""
    with open_site(enter=False) as site:
        if not site.workspace.environment.lab:
            raise InvalidRequest("the guide is for the practice network", hint="ops lab up, then cd practice")
        if answer:
            answered(site, answer)
        finished = done(site)
        for number, task in enumerate(TASKS):
            click.echo(f"  {'done' if number < finished else '    '}  {number + 1}. {task.title}")
        click.echo("")
        for line in next_task(finished):
            click.echo(hung(line, 3))
