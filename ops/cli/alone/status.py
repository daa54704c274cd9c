"""Where things stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ops.cli.data import data
from ops.cli.emergency import waiting
from ops.cli.handing import held_elsewhere
from ops.cli.runs import summary_rows
from ops.cli.scheduling import BAD
from ops.cli.scheduling import standing as scheduled
from ops.cli.show import NAMES
from ops.cli.site import Site, open_site
from ops.cli.table import hung
from ops.cli.terminal import plain

UNFINISHED = ("unfinished", "interrupted")
FEW = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def status(as_json: bool) -> None:
    """Say where you work, what is unfinished, what waits to be handed over, and what nobody else holds yet."""
    with open_site(enter=False, reading=True) as site:
        found = standing(site)
        newest = summary_rows(site, 5)
    if as_json:
        data("status/1", found)
        return
    for line in lines(found):
        click.echo(hung(line, 12))
    for row in newest:
        click.echo(f"  {row['run']:<12} {row['at'][:16]}  {plain(row['what'])}: {row['status']}")


def standing(site: Site) -> dict[str, Any]:
    """Shape ``status/1``."""
    environment = site.workspace.environment
    return {
        "environment": environment.kind,
        "name": environment.name,
        "unfinished": [row["run"] for row in summary_rows(site, 50) if row["status"] in UNFINISHED],
        "waiting": list(site.desk.everybody()),
        "events_nobody_else_holds": site.ledger.head().size - held_elsewhere(site),
        "key": site.identity.fingerprint,
        "second_place": len(waiting(site)),
        "schedule": [f"{job.name} {job.state}" for job in scheduled(site) if job.state in BAD],
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for a person."""
    yield f"where       {NAMES[found['environment']]} {plain(found['name'])}"
    yield f"key         {found['key']}"
    events = found["events_nobody_else_holds"]
    yield f"evidence    {events} events that nobody else has vouched for yet   (ops evidence submit -o FILE)"
    if found["second_place"]:
        yield f"second      {found['second_place']} events wait outside the ledger   (ops evidence recover)"
    if found["schedule"]:
        yield click.style(f"schedule    {few(found['schedule'], 'ops schedule list')}", fg="red")
    yield f"unfinished  {few(found['unfinished'], 'ops run resume RUN')}"
    yield f"hand over   {few(found['waiting'], 'ops handover list')}"


def few(names: list[str], command: str) -> str:
    """Some of them, how many more there are, and the command that goes on."""
    if not names:
        return "nothing"
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return f"{', '.join(map(plain, names[:FEW]))}{more}   ({command})"
