"""Planted faults as a person sees them; the record of a mended one says that it was planted."""

from __future__ import annotations

from collections.abc import Sequence

import click

from evidence.event import Event, now
from inventory.lab.fault import Standing
from ops.cli.record import close, new_run
from ops.cli.site import Site, open_site
from ops.cli.table import hung
from ops.cli.terminal import plain
from ops.errors import ChangesPending, OpsError


def tell(found: Sequence[Standing]) -> None:
    """Each with its lesson if it is mended, else with what somebody says."""
    for one in found:
        click.echo(f"{one.fault.name}: {'mended' if one.mended else 'still there'}")
        click.echo(hung(f"  {one.fault.lesson if one.mended else one.fault.symptom}", 2))
    if not found:
        click.echo("no fault is planted", err=True)


def refuse_left(found: Sequence[Standing]) -> None:
    """Raise ``ChangesPending`` while one is still there."""
    if left := [one.fault for one in found if not one.mended]:
        hint = f"{left[0].where_to_look}; to give up: ops lab fault clear {left[0].name}"
        raise ChangesPending(f"still there: {', '.join(one.name for one in left)}", hint=hint)


def record_mended(lab: str, found: Sequence[Standing]) -> None:
    """Write a record of each that is mended, once, if there is a workspace of this network here."""
    mended = [one for one in found if one.mended]
    if not mended:
        return
    try:
        with open_site(enter=False) as site:
            if site.workspace.environment.lab == lab:
                _record(site, mended)
    except OpsError as error:
        click.echo(f"  no record: {plain(str(error))}", err=True)


def _record(site: Site, mended: Sequence[Standing]) -> None:
    runs = [site.ledger.run(begun.run) for begun in site.ledger.runs()]
    there = {event.body.get("planted") for events in runs for event in events}
    for one in mended:
        mark = f"{one.fault.name} {one.planted}"
        if mark in there:
            continue
        run, title = new_run(), f"a planted fault is mended: {one.fault.name}"
        body = {"source": "lab fault check", "title": title, "operations": ["lab.fault"], "planted": mark}
        site.ledger.append(Event(run, "stated", now(), body))
        close(site, run)
        click.echo(f"  record  ops evidence show {run}", err=True)
