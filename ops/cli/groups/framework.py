"""Competency frameworks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from evidence.framework import Framework, load_frameworks
from ops.cli.data import data
from ops.cli.site import own_frameworks
from ops.cli.table import table
from ops.cli.terminal import plain
from ops.errors import NotFound


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(as_json: bool) -> None:
    """List the frameworks that runs are counted toward."""
    found = load_frameworks(own_frameworks())
    if as_json:
        data("framework-list/1", {"frameworks": [{"id": f.id, "title": f.title, "version": f.version} for f in found]})
        return
    rows = [(f.id, f.title, str(len(list(f.items))), str(len([i for i in f.items if i.evidenced_by]))) for f in found]
    click.echo(table(("framework", "title", "items", "runs count toward"), rows))


@click.command()
@click.argument("framework")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(framework: str, as_json: bool) -> None:
    """Show the items of a framework, and which work counts toward each, with the reason."""
    found = {one.id: one for one in load_frameworks(own_frameworks())}
    if framework not in found:
        raise NotFound(f"there is no framework {framework}", hint=f"there are: {', '.join(found)}")
    if as_json:
        data("framework/1", asdict(found[framework]) | {"version": found[framework].version})
        return
    for line in lines(found[framework]):
        click.echo(plain(line))


def lines(framework: Framework) -> Iterator[str]:
    """Units, items and rules."""
    yield f"{framework.title}, {framework.edition}; from: {framework.source_title}"
    for unit in framework.units:
        yield f"{unit.id}  {unit.label}"
        for item in unit.items:
            yield f"  {item.id:<5} {item.label} ({item.kind})"
            yield from (f"          {rule.work}: {rule.because} ({rule.covers})" for rule in item.evidenced_by)
