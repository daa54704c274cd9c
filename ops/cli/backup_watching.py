"""Watching backups: one look for a timer, one line of it, and word to the dead man's switch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ops.adapters.credentials import resolve
from ops.adapters.dead_man import ping
from ops.cli.data import data
from ops.cli.looking import look, shape
from ops.cli.terminal import plain
from ops.cli.waiving import word
from ops.errors import InvalidRequest, NotWell, OpsError
from ops.finding import Finding, Verdict, reaches, worst

if TYPE_CHECKING:
    from ops.cli.site import Site

AUDIT = "backups.check"
SETTING = "backup_ping"


def watch(site: Site, fail_on: Verdict, as_json: bool) -> None:
    """Check, tell, ask the switch; raise ``NotWell`` if it is bad enough, after all has been told."""
    try:
        run, verdict = _looked(site, fail_on, as_json)
    except Exception:  # whatever it was: nobody has seen how it went
        _word(site, good=False)
        raise
    if reaches(verdict, fail_on):
        raise NotWell(f"{AUDIT}: {verdict.name}", hint=f"ops evidence show {run}")


def _looked(site: Site, fail_on: Verdict, as_json: bool) -> tuple[str, Verdict]:
    run, parts = look(site, AUDIT, {})
    verdict = worst(*parts)
    good = not reaches(verdict, fail_on)
    if as_json:
        data("backup-watch/1", shape(run, parts) | {"verdict": verdict.name, "told": _word(site, good)})
    else:
        click.echo(line(verdict, parts[0], run))
        _word(site, good)
    return run, verdict


def line(verdict: Verdict, found: Sequence[Finding], run: str) -> str:
    """All of it in one line: the verdict, how many of each, and the worst by name."""
    counts = Counter((one.verdict, word(one)) for one in found)
    numbers = ", ".join(f"{counts[one]} {one[1]}" for one in sorted(counts, reverse=True))
    bad = next((one for one in found if one.verdict == verdict != Verdict.PASS), None)
    first = f"; first: {bad.about}, {bad.rule}: {bad.because}" if bad else ""
    return plain(f"backups {verdict.name}: {numbers or 'nothing was looked at'}{first} (record {run})")


def _word(site: Site, good: bool) -> str:
    """Tell the switch, if there is one; that it was not told is said and changes no verdict. Returns how it went."""
    settings, folder = site.workspace.settings, site.workspace.folder
    if not settings[SETTING]:
        return "no switch"
    try:
        secret = resolve(settings[SETTING], "backup-ping", folder, site.ask)
        if secret is None:
            raise InvalidRequest(f"{SETTING} names no address", hint="file:PATH or keyring")
        ca_file = settings[f"{SETTING}_ca_file"]
        ping(secret, good, folder / ca_file if ca_file else None)
    except OpsError as error:
        click.echo(f"  not told: {plain(str(error))}" + (f"; {plain(error.hint)}" if error.hint else ""), err=True)
        return f"not told: {error}"
    return "told"
