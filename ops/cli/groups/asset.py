"""Looking at assets: found, shown, their history, their labels, and the whole register as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ops.cli import derive, keeping, outgoing, taking
from ops.cli.data import data
from ops.cli.site import open_site
from ops.cli.table import table
from ops.cli.terminal import counted, plain

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
TAG = click.argument("tag")


def narrowing(command: Any) -> Any:
    """Options that narrow a list of assets."""
    for name, text in (("holder", "with this person"), ("site", "at this site"), ("state", "in this state"),
                       ("kind", "of this kind"), ("department", "of this department")):  # fmt: skip
        command = click.option(f"--{name}", default="", help=f"Only {text}.")(command)
    return command


@click.command()
@click.argument("word", default="")
@narrowing
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="Show no more than so many.")
@JSON
def find(word: str, most: int, as_json: bool, **narrow: str) -> None:
    """Find assets by a part of their tag, serial number, name, place, model, or of who has them."""
    with open_site(enter=False, reading=True) as site:
        assets, more = keeping.search(site.register, word, narrow, most)
    if as_json:
        data("assets/1", {"assets": [{"tag": tag, **one} for tag, one in assets], "more": more})
        return
    head = ("tag", "what", "serial", "state", "with", "where")
    click.echo(table(head, keeping.asset_rows(assets)) if assets else "no asset is like that")
    if more:
        click.echo(f"  and more: give a word, an option, or --most {most * 10}", err=True)


@click.command()
@TAG
@JSON
def show(tag: str, as_json: bool) -> None:
    """Show one asset: what it is, who has it, what is inside, what failed, what it is worth."""
    with open_site(enter=False, reading=True) as site:
        facts = keeping.asset_facts(site.register, tag)
    if as_json:
        data("asset/1", facts)
        return
    for name, value in facts.items():
        click.echo(f"  {name.replace('_', ' '):<18} {plain(keeping.in_words(value))}")


@click.command("import", cls=derive.Derived, operation="asset.import_")
@click.option("--results", type=click.Path(path_type=Path), help="Where to write what becomes of each row, as CSV.")
def import_(**given: Any) -> None:
    """Take a file of assets into the register."""
    taking.take(given)


@click.command()
@TAG
@JSON
def history(tag: str, as_json: bool) -> None:
    """Show everything that ever happened to an asset, by whom, why, and in which run."""
    with open_site(enter=False, reading=True) as site:
        rows = keeping.history_rows(site.register, tag)
    if as_json:
        data("asset-history/1", {"events": rows})
        return
    shown = [(row["at"][:16].replace("T", " "), row["by"], row["what"], row["why"], row["run"]) for row in rows]
    click.echo(table(("when (UTC)", "by", "what", "why", "run"), shown))


@click.command()
@narrowing
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="A .csv, .xlsx, .json or .yaml file.")
def export(out: Path, **narrow: str) -> None:
    """Write the register into a file: a table to edit and import again, JSON, or an inventory for Ansible (.yaml)."""
    with open_site(enter=False, reading=True) as site:
        number, left_out = outgoing.export(site, out, narrow)
    click.echo(f"{counted(number, 'asset')} in {out}", err=True)
    for line in left_out:
        click.echo(f"  left out: {plain(line)}", err=True)


@click.command()
@click.argument("tags", nargs=-1)
@narrowing
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The page to write, such as l.html.")
@click.option("--paper", default="24", show_default=True, help="Labels on a sheet of A4: 21, 24, 40 or 65.")
@click.option("--skip", type=click.IntRange(0), default=0, help="How many are gone from the first sheet.")
@click.option("--owner", default="", help="Whose they are, printed on each.")
def label(tags: tuple[str, ...], out: Path, paper: str, skip: int, owner: str, **narrow: str) -> None:
    """Write a page of labels with QR codes, to be printed on A4 at full size."""
    with open_site(enter=False, reading=True) as site:
        number = keeping.labels(site, tags, narrow, out, paper=paper, owner=owner, skip=skip)
    click.echo(f"{counted(number, 'label')} in {out}: print it without margins, at 100 %", err=True)
