"""Confirming the key of a host: shown, compared by a person, kept, recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from evidence.event import Event, now
from inventory.create import KNOWN_HOSTS
from ops.adapters.ssh import Door, known_fingerprint, shown_key
from ops.cli.hosts import door, host_target
from ops.cli.record import close, new_run
from ops.cli.site import Site
from ops.errors import InvalidRequest, NotAuthorised, Refused
from ops.private import write_private


def trust_host(site: Site, name: str, expected: str, again: bool, ask: Callable[..., str]) -> None:
    """Keep the key a host shows, if it is the one that was read on the host itself."""
    to = door(host_target(site, name), site.workspace.folder)
    shown, line = shown_key(to)
    before = known_fingerprint(to)
    if before == shown:
        click.echo(f"{name}: {shown} was confirmed already", err=True)
        return
    if before and not again:
        hint = f"ask who changed it; then: ops host trust {name} --again"
        raise Refused(f"{name} showed {before} before and shows {shown} now", hint=hint)
    click.echo(f"{to.host} shows the key\n  {shown}", err=True)
    how = _compared(shown, expected, ask)
    _keep(site.workspace.folder / KNOWN_HOSTS, to, line)
    run = new_run()
    body: dict[str, Any] = {"source": "host trust", "title": "the key of a host is confirmed", "key": shown, "how": how}
    body |= {"operations": ["host.trust"], "replaces": before}
    site.ledger.append(Event(run, "stated", now(), body, {"host": to.host}))
    close(site, run)
    click.echo(f"kept; {site.identity.person} confirmed it   record  ops evidence show {run}", err=True)


def _compared(shown: str, expected: str, ask: Callable[..., str]) -> str:
    """How the key was compared; raise ``Refused`` if it is another one."""
    if expected:
        if expected.strip() != shown:
            raise Refused(f"that is not {expected}", hint="do not go on: somebody may stand in between")
        return "given on the command line"
    said = ask("Type the last six characters that the console of the host shows", default="")
    if len(said) < 6:
        raise NotAuthorised("the key was not compared", hint="read it on the host itself, then again")
    if not shown.endswith(said.strip()):
        raise Refused("the console shows another key", hint="do not go on: somebody may stand in between")
    return "compared with the console"


def _keep(path: Path, to: Door, line: str) -> None:
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        kept = [one for one in lines if to.entry not in one.split(" ")[0].split(",")]
        write_private(path, "".join([*kept, line]))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be written", hint="is it yours?") from error
