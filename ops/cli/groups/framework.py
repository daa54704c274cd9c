"""Competency frameworks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from evidence.framework import find_item, load_frameworks
from ops.cli import cataloguing
from ops.cli.data import data
from ops.cli.site import own_frameworks
from ops.cli.table import hung, table
from ops.cli.terminal import counted, plain
from ops.errors import ChangesPending

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.command("list")
@JSON
def list_(as_json: bool) -> None:
    """List the frameworks that work is counted toward."""
    found = load_frameworks(own_frameworks())
    if as_json:
        data("framework-list/1", {"frameworks": [{"id": f.id, "title": f.title, "version": f.version} for f in found]})
        return
    kinds = ("performance", "knowledge", "behaviour")
    counts = [[item.kind for item in f.items] for f in found]
    rows = [
        (f.id, f.title, str(len(f.units)), *(str(c.count(kind) or "–") for kind in kinds), str(len(c)))
        for f, c in zip(found, counts, strict=True)
    ]
    click.echo(table(("framework", "title", "units", *kinds, "items"), rows))


@click.command()
@click.argument("what")
@JSON
def show(what: str, as_json: bool) -> None:
    """Show a framework, or one item and which work gives evidence for it: rapids-1059cb, or rapids-1059cb:3.A."""
    found = load_frameworks(own_frameworks())
    if what in {one.id for one in found}:
        framework = cataloguing.one_of(what)
        lines, shape = cataloguing.framework_lines(framework), asdict(framework)
    else:
        framework, item = find_item(found, what)
        lines, shape = cataloguing.item_lines(framework, item), asdict(item)
    if as_json:
        data("framework/1" if what == framework.id else "item/1", shape | {"version": framework.version})
        return
    for line in lines:
        click.echo(hung(plain(line), 12))


@click.command()
@click.argument("frameworks", nargs=-1)
@click.option("--sources", type=click.Path(path_type=Path), help="The folder with the source documents, as plain text.")
@JSON
def check(frameworks: tuple[str, ...], sources: Path | None, as_json: bool) -> None:
    """Check that every rule meets work that exists and every item has a way; with the sources also each line."""
    wanted = [cataloguing.one_of(one) for one in frameworks] or list(load_frameworks(own_frameworks()))
    found = cataloguing.checked(wanted, sources)
    if as_json:
        data("framework-check/1", {"frameworks": found})
    for one in wanted if not as_json else ():
        click.echo(f"{one.id}: {counted(len(list(one.items)), 'item')}, {counted(len(found[one.id]), 'mistake')}")
        for line in found[one.id]:
            click.echo(hung(f"  {plain(line)}", 2))
    if wrong := sum(map(len, found.values())):
        raise ChangesPending(f"{counted(wrong, 'mistake')} in the frameworks", hint="correct them, and check again")


@click.command()
@click.argument("before")
@click.argument("after")
@JSON
def compare(before: str, after: str, as_json: bool) -> None:
    """Compare two versions of a framework, each an id or a file: items, wording, and what counts toward them."""
    from evidence.framework_compare import compare as differences

    found = differences(cataloguing.one_of(before), cataloguing.one_of(after))
    if as_json:
        data("framework-compare/1", {"differences": [asdict(one) for one in found]})
        return
    rows = [(one.item, one.what, one.before or "–", one.after or "–") for one in found]
    click.echo(table(("item", "what", "before", "after"), rows) if rows else "they say the same")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "framework", required=True, help="What it is to be called, such as our-college.")
@click.option("--edition", default="1", show_default=True, help="Its edition, for the record.")
@JSON
def import_(file: Path, framework: str, edition: str, as_json: bool) -> None:
    """Bring in a framework of your own: a CSV with id and label, Moodle's competency CSV, or CASE 1.1 JSON."""
    made = cataloguing.bring_in(file, framework, edition)
    if as_json:
        data("framework-import/1", made)
        return
    sizes = f"{counted(made['items'], 'item')} in {counted(made['units'], 'unit')}"
    click.echo(f"{made['id']}: {sizes}, {plain(made['file'])}")
    for line in cataloguing.renamed_lines(made["renamed"]):
        click.echo(hung(line, 2), err=True)
    click.echo("  its items count where they are named; add evidenced_by to say what counts by itself", err=True)
    click.echo(f"  to look at it: ops framework show {made['id']}", err=True)
