"""Who can still get in, as a person reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click

from ops.audits.user.access import WORDS
from ops.cli.data import data
from ops.cli.looking import Parts, look, shape
from ops.cli.options import Options
from ops.cli.site import Site
from ops.cli.table import table
from ops.finding import Finding, Verdict

COLOURS = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


def show_access(site: Site, account: str, options: Options) -> None:
    """Look at every way in, record it, show it."""
    run, parts = look(site, "user.access", {"account": account})
    if options.json:
        data("access/1", shape(run, parts) | {"zero": zero(parts)})
        return
    tell_access(account, run, parts)


def tell_access(account: str, run: str, parts: Parts) -> None:
    """One line a way; then whether anybody can say that nothing is left."""
    findings, seen = parts
    click.echo(f"\nWho can still get in as {account}:")
    rows = [(f.rule, WORDS[f.verdict], f.because) for f in findings]
    click.echo(table(("way in", "", "how it is known"), rows))
    for one in seen:
        for what in one.not_looked_at:
            click.echo(f"  not looked at: {what}", err=True)
    click.secho(verdict(findings), err=True, fg="green" if zero(parts) else "yellow")
    click.echo(f"  record        ops evidence show {run}", err=True)


def zero(parts: Parts) -> bool:
    """Whether every single way in is closed, and none was left out."""
    findings, seen = parts
    shut = all(finding.verdict == Verdict.PASS for finding in findings)
    return bool(findings) and shut and not any(one.not_looked_at for one in seen)


def verdict(findings: Sequence[Finding]) -> str:
    """The sum of it in a sentence."""
    counts = Counter(finding.verdict for finding in findings)
    parts = [f"{counts[v]} {word.lower()}" for v, word in WORDS.items() if counts[v]]
    return f"{', '.join(parts)}: nobody may say yet that nothing is left" if len(counts) > 1 else parts[0]
