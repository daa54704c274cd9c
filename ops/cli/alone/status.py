"""Where things stand."""

from __future__ import annotations

import json

import click

from ops.cli.runs import summary_rows
from ops.cli.show import NAMES
from ops.cli.site import open_site
from ops.cli.terminal import plain


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def status(as_json: bool) -> None:
    """Say where you work, what is unfinished, what waits to be handed over, and what nobody else holds yet."""
    with open_site(enter=False) as site:
        environment = site.workspace.environment
        rows = summary_rows(site, 50)
        unfinished = [row["run"] for row in rows if row["status"] in ("unfinished", "interrupted")]
        waiting = list(site.desk.everybody())
        events = site.ledger.head().size
        key = site.identity.fingerprint
    if as_json:
        body: dict[str, object] = {"environment": environment.kind, "name": environment.name, "unfinished": unfinished}
        body |= {"waiting": waiting, "events_nobody_else_holds": events, "key": key}
        click.echo(json.dumps({"shape": "status/1", **body}, ensure_ascii=False))
        return
    click.echo(f"where       {NAMES[environment.kind]} {plain(environment.name)}")
    click.echo(f"key         {key}")
    click.echo(f"evidence    {events} events, none of them held by anybody else yet: export them for your mentor")
    click.echo(
        f"unfinished  {', '.join(unfinished) or 'nothing'}"
        + (f"   (ops run resume {unfinished[0]})" if unfinished else "")
    )
    click.echo(f"hand over   {', '.join(map(plain, waiting)) or 'nothing'}")
    for row in rows[:5]:
        click.echo(f"  {row['run']:<12} {row['at'][:16]}  {plain(row['what'])}: {row['status']}")


def _few(names: list[str], command: str) -> str:
    """Up to three of them, how many there are, and the command for the rest."""
    if not names:
        return "nothing"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(map(plain, names[:3]))}{more}   ({command})"
