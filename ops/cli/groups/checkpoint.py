"""How far evidence goes, vouched for by somebody else."""

from __future__ import annotations

from pathlib import Path

import click

from ops.cli import mentoring, vouching
from ops.cli.data import data
from ops.cli.site import open_site
from ops.cli.terminal import plain

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.command()
@click.option("-o", "--output", "file", required=True, type=click.Path(path_type=Path), help="The file to write.")
def make(file: Path) -> None:
    """Write how far your own evidence goes, signed; print it, and somebody can compare it years later."""
    with open_site(enter=False) as site:
        text = vouching.make(site, file)
    click.echo(text, nl=False)
    click.echo(f"  in {plain(str(file))}, signed in {plain(file.name)}.sig", err=True)


@click.command()
@click.argument("person")
def cosign(person: str) -> None:
    """Sign how far an apprentice's evidence has come; only if it goes on from what you signed last."""
    with open_site(enter=False) as site:
        file = mentoring.file_of(site, person)
        with mentoring.held(file) as held:
            text = mentoring.cosign(site, file, held)
    click.echo(text, nl=False)
    click.echo(f"  they get it with: ops review return {file.person} -o FILE", err=True)


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--of", "person", default="", help="Compare what an apprentice handed in, rather than your own.")
@JSON
def verify(file: Path | None, person: str, as_json: bool) -> None:
    """Compare evidence with a checkpoint file, or your own with all that mentors have cosigned."""
    with open_site(enter=False, reading=True) as site:
        found = list(vouching.broken(site, file, person))
    if as_json:
        rows = [{"signed_by": who, "broken": [vars(one) for one in some]} for who, some in found]
        data("checkpoint-verify/1", {"checkpoints": rows})
    vouching.refuse(found)
    for who, _ in found if not as_json else ():
        click.echo(f"goes on from what {plain(who)} signed: nothing before that was cut off or rewritten")
