"""Whose signature counts for what."""

from __future__ import annotations

from pathlib import Path

import click

from evidence import anchors
from evidence.roles import ROLES
from ops.cli import enrolling
from ops.cli.data import data
from ops.cli.site import open_site
from ops.cli.table import table
from ops.cli.terminal import counted, plain

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.command()
@click.option("--name", default="", help="Your own name, as it will stand on papers; kept.")
def card(name: str) -> None:
    """Print your card: the one line the IT lead needs to enrol you. Hand it over in person."""
    with open_site(enter=False, reading=True) as site:
        click.echo(enrolling.own_card(site, name).text, nl=False)
        click.echo(f"  your key's fingerprint, to be compared: {site.identity.fingerprint}", err=True)


@click.command()
@click.argument("card", type=click.Path(path_type=Path))
@click.option("--role", required=True, type=click.Choice(list(ROLES)), help="What the key may sign.")
@click.option("--from", "first", default="today", help="First day on which it counts.")
@click.option("--until", "last", default="", help="Last day on which it counts.")
def enrol(card: Path, role: str, first: str, last: str) -> None:
    """Enrol somebody by their card, and sign the list: the work of the IT lead."""
    with open_site(enter=False) as site:
        given = enrolling.enrol(site, card, role, first, last)
        path = site.signers_file.path
    click.echo(f"{plain(given.name or given.person)} is enrolled as {role}", err=True)
    click.echo(f"  hand {path.name} and {path.name}.sig to everybody: ops signers install {path}", err=True)


@click.command("list")
@JSON
def list_(as_json: bool) -> None:
    """List everybody enrolled, with role and dates."""
    with open_site(enter=False, reading=True) as site:
        rows = enrolling.listed(site)
    if as_json:
        data("signers/1", {"signers": rows})
        return
    shown = [(r["person"], r["role"], r["name"], r["from"] or "–", r["until"] or "–", r["key"]) for r in rows]
    click.echo(table(("person", "role", "name", "from", "until", "key"), shown) if rows else "nobody is enrolled yet")


@click.command()
@click.argument("person")
@click.option("--last-day", default="today", help="The last day on which their keys count.")
def revoke(person: str, last_day: str) -> None:
    """End a person's keys with a day; PERSON is an id or a whole name. What they signed before still holds."""
    with open_site(enter=False) as site:
        file = enrolling.as_lead(site)
        who = enrolling.enrolled(file, person)
        ended = file.revoke(who.person, enrolling.day(last_day, "--last-day"), site.signer)
    click.echo(
        f"{counted(ended, 'key')} of {plain(who.name or who.person)} end with {last_day}; hand the new file out",
        err=True,
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lead", default="", help="The IT lead's key as you were handed it: SHA256:…")
def install(file: Path, lead: str) -> None:
    """Take over the list of enrolled people that the IT lead handed out."""
    with open_site(enter=False) as site:
        count = enrolling.install(site, file, lead)
    click.echo(f"{counted(count, 'key')} enrolled; signed by the IT lead", err=True)


@click.command()
def vouch() -> None:
    """Sign this workspace's environment: class, name and anchors. The work of the IT lead; without it at most M2."""
    with open_site(enter=False) as site:
        enrolling.as_lead(site)
        there, folder = site.workspace.environment, site.workspace.folder
        path = anchors.vouch(folder, there.kind, there.name, there.anchors, site.signer)
    click.echo(f"{there.kind} {plain(there.name)} is vouched for: {path} and {path.name}.sig", err=True)
    click.echo("  hand both out, to lie beside ops.toml in everybody's workspace for it", err=True)
