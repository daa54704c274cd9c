"""Running an audit: look, show, record, and fail when what was found is bad enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import click

from evidence.event import Event, now
from ops.audit import load_audit
from ops.cli import show
from ops.cli.conduct import new_run, note_refusal
from ops.cli.data import data
from ops.cli.options import Options
from ops.cli.record import close
from ops.cli.site import Site
from ops.cli.table import table
from ops.errors import ChangesPending, OpsError
from ops.finding import Finding, Seen, Verdict, worst

Parts = tuple[tuple[Finding, ...], tuple[Seen, ...]]


def run_audit(site: Site, name: str, fail_on: Verdict, arguments: Mapping[str, Any], options: Options) -> None:
    """Run it and record what was seen."""
    audit = load_audit(name)
    show.header(site, options)
    run = new_run()
    try:
        readers = [site.targets[site.kinds[kind]] for kind in audit.readers]
        parts = tuple(audit.function(*readers, **arguments))
    except OpsError as error:
        note_refusal(site, run, f"audit {name}", error)
        raise
    findings = tuple(part for part in parts if isinstance(part, Finding))
    seen = tuple(part for part in parts if isinstance(part, Seen))
    record(site, run, name, (findings, seen))
    tell(findings, seen, run, options)
    verdict = worst(findings, seen)
    if verdict >= fail_on and verdict != Verdict.PASS:
        raise ChangesPending(f"{name}: {verdict.name}", hint=f"ops evidence show {run}")


def record(site: Site, run: str, name: str, parts: Parts) -> None:
    """Counts in public, subjects in private."""
    findings, seen = parts
    counts = Counter(finding.verdict.name for finding in findings)
    body = {
        "source": name,
        "title": f"audit {name}",
        "operations": [name],
        "findings": dict(counts),
        "looked_at": [{"what": one.what, "count": one.looked_at} for one in seen],
        "not_looked_at": [what for one in seen for what in one.not_looked_at],
    }
    private = [[f.about, f.rule, f.verdict.name, f.because] for f in findings]
    site.ledger.append(Event(run, "audited", now(), body, {"findings": private}))
    close(site, run)


def tell(findings: tuple[Finding, ...], seen: tuple[Seen, ...], run: str, options: Options) -> None:
    """The worst first, and what was not looked at."""
    ordered = sorted(findings, key=lambda finding: (-finding.verdict, finding.about))
    if options.json:
        rows = [vars(f) | {"verdict": f.verdict.name} for f in ordered]
        body = {"run": run, "findings": rows, "seen": [vars(one) for one in seen]}
        data("audit/1", body)
        return
    if ordered:
        rows_said = [(f.verdict.name, f.about, f.because, f.next_step) for f in ordered]
        click.echo(table(("verdict", "who", "because", "next"), rows_said))
    for one in seen:
        click.echo(f"looked at {one.looked_at} {one.what}; {len(findings)} findings", err=True)
        for what in one.not_looked_at:
            click.echo(f"  not looked at: {what}", err=True)
    click.echo(f"  record  ops evidence show {run}", err=True)
