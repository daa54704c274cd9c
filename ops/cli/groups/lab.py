"""The practice network."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from inventory.lab import TABLE, Lab, Running, Status
from inventory.lab.fault import Faults
from ops.cli.data import data
from ops.cli.practice import apprentice_workspace, folder_here, network_here, room_for_workspace
from ops.cli.table import hung, table

MODES = click.Choice(["root", "user", "alone", "loopback"])
NAME = click.option(
    "--name",
    default=network_here,
    show_default="of this workspace, or lab",
    help="Several networks can run side by side.",
)
PEOPLE = click.option(
    "--people", default=50, show_default=True, type=click.IntRange(1, 20000), help="How many people work there."
)
MODE = click.option("--mode", type=MODES, help="Insist on one kind; the best possible is found by trying.")
FOLDER = click.option(
    "--workspace-folder",
    type=click.Path(path_type=Path),
    show_default="this one, or practice",
    help="Where your workspace for it goes.",
)


def talk(text: str) -> None:
    """Progress goes to stderr."""
    click.echo(hung(text, 2, sys.stderr), err=True)


def ready(lab: Lab, running: Running, folder: Path) -> None:
    """Make the workspace if it is not there yet, and say what to do next."""
    made = apprentice_workspace(lab, running, folder)
    talk(
        f"{lab.name} is up in {running.seconds:.1f} s: {running.controller} at {running.address} ({running.mode} mode)"
    )
    talk(f"your workspace: {folder}   your signing key: {made}")
    go = "" if folder.resolve() in (Path.cwd(), *Path.cwd().parents) else f"cd {folder} && "
    talk(f"  next: {go}ops guide")


@click.command()
@NAME
@PEOPLE
@MODE
@FOLDER
def up(name: str, people: int, mode: str | None, workspace_folder: Path | None) -> None:
    """Start the practice network and make a workspace for it; one that you stand in is used."""
    lab, folder = Lab(name), workspace_folder or folder_here(name)
    room_for_workspace(folder)
    ready(lab, lab.up(people, mode, talk), folder)


@click.command()
@NAME
@PEOPLE
@MODE
@FOLDER
def reset(name: str, people: int, mode: str | None, workspace_folder: Path | None) -> None:
    """Start it afresh: the domain is as it was first made, your evidence stays."""
    lab, folder = Lab(name), workspace_folder or folder_here(name)
    room_for_workspace(folder)
    ready(lab, lab.reset(people, mode, talk), folder)


@click.command()
@NAME
def down(name: str) -> None:
    """End the practice network; nothing of it is left running."""
    talk(f"{name} is down" if Lab(name).down() else f"{name} was not up")


@click.command()
@NAME
@click.option("--rights", is_flag=True, help="Show what the delegated groups may do.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def status(name: str, rights: bool, as_json: bool) -> None:
    """Say whether it is up, its hosts, and what its kind lacks."""
    found = Lab(name).status()
    if rights:
        rows = [(r.what, r.where, _yes(r.helpdesk), _yes(r.onboarding)) for r in TABLE]
        click.echo(table(("may", "where", "Helpdesk", "Onboarding"), rows))
        return
    if as_json:
        body = {"name": name, "up": found.up, "mode": found.mode, "lacks": found.lacks}
        data("lab-status/1", body | {"hosts": dict(found.hosts), "left_over": found.left_over})
        return
    tell_status(name, found)


def tell_status(name: str, found: Status) -> None:
    """For a person."""
    if not found.up:
        left = "; files of an interrupted start are left: ops lab down" if found.left_over else ""
        click.echo(f"{name} is down{left}")
        return
    click.echo(f"{name} is up, {found.mode} mode" + (f" ({found.lacks})" if found.lacks else ""))
    click.echo(table(("host", "address"), list(found.hosts.items())))
    if planted := Faults(Lab(name)).planted():
        click.echo(f"planted faults: {len(planted)}   (ops lab fault list)")


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@NAME
@click.argument("host", default="admin")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def shell(name: str, host: str, command: tuple[str, ...]) -> None:
    """Open a shell on a host of the network, or run a command there."""
    Lab(name).shell(host, command[1:] if command[:1] == ("--",) else command)


def _yes(allowed: bool) -> str:
    return "yes" if allowed else "no"
