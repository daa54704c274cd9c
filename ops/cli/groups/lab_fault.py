"""Faults that are planted on the practice network, to be found and mended."""

from __future__ import annotations

import click

from inventory.lab import Lab
from inventory.lab.fault import Faults, Standing
from ops.cli.data import data
from ops.cli.faulting import record_mended, refuse_left, tell
from ops.cli.groups.lab import NAME, talk
from ops.cli.planted import desk_here
from ops.cli.table import table

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


def rows(found: list[Standing]) -> list[dict[str, str]]:
    """As they are listed."""
    return [
        {"name": one.fault.name, "state": one.word, "host": one.fault.host, "symptom": one.fault.symptom}
        for one in found
    ]


@click.command("list")
@NAME
@JSON
def list_(name: str, as_json: bool) -> None:
    """List the faults there are: what somebody would complain about, and whether it is planted."""
    with desk_here(name) as desk:
        found = rows(Faults(Lab(name), desk).all())
    if as_json:
        data("faults/1", {"faults": found})
        return
    click.echo(table(("fault", "state", "host", "what somebody says"), [tuple(row.values()) for row in found]))


@click.command()
@NAME
@click.argument("fault")
def plant(name: str, fault: str) -> None:
    """Plant a fault; you are told what somebody complains about, and nothing of the cause."""
    with desk_here(name) as desk:
        faults = Faults(Lab(name), desk)
        fresh = faults.plant(fault)
        symptom = next(one.fault.symptom for one in faults.all() if one.fault.name == fault)
    talk(symptom if fresh else f"it is planted already: {symptom}")
    talk("  when you think it is mended: ops lab fault check")


@click.command()
@NAME
@click.argument("fault", default="")
@JSON
def check(name: str, fault: str, as_json: bool) -> None:
    """Look whether planted faults are mended; exit 3 while one is still there. The record says it was planted."""
    with desk_here(name) as desk:
        found = Faults(Lab(name), desk).check(fault)
    record_mended(name, found)
    if as_json:
        data("faults/1", {"faults": rows(found)})
    else:
        tell(found)
    refuse_left(found)


@click.command()
@NAME
@click.argument("fault", default="")
def clear(name: str, fault: str) -> None:
    """Take a planted fault away again, or all of them, without having mended it."""
    with desk_here(name) as desk:
        names = Faults(Lab(name), desk).clear(fault)
    talk(f"cleared: {', '.join(names)}" if names else "no fault was planted")
