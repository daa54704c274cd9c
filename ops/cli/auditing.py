"""Running an audit: look, show, record, and fail when what was found is bad enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from ops.cli import show
from ops.cli.data import data
from ops.cli.looking import look, shape
from ops.cli.options import Options
from ops.cli.site import Site
from ops.cli.table import table
from ops.errors import ChangesPending
from ops.finding import Finding, Seen, Verdict, worst


def run_audit(site: Site, name: str, fail_on: Verdict | None, arguments: Mapping[str, Any], options: Options) -> None:
    """Run it and record what was seen."""
    show.header(site, options)
    run, (findings, seen) = look(site, name, arguments)
    tell(findings, seen, run, options)
    verdict = worst(findings, seen)
    if fail_on is not None and verdict >= fail_on and verdict != Verdict.PASS:
        raise ChangesPending(f"{name}: {verdict.name}", hint=f"ops evidence show {run}")


def tell(findings: tuple[Finding, ...], seen: tuple[Seen, ...], run: str, options: Options) -> None:
    """The worst first, and what was not looked at."""
    ordered = sorted(findings, key=lambda finding: (-finding.verdict, finding.about))
    if options.json:
        data("audit/1", shape(run, (tuple(ordered), seen)))
        return
    if ordered:
        rows_said = [(f.verdict.name, f.about, f.because, f.next_step) for f in ordered]
        click.echo(table(("verdict", "who", "because", "next"), rows_said))
    for one in seen:
        click.echo(f"looked at {one.looked_at} {one.what}; {len(findings)} findings", err=True)
        for what in one.not_looked_at:
            click.echo(f"  not looked at: {what}", err=True)
    click.echo(f"  record  ops evidence show {run}", err=True)
