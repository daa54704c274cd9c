"""Who can still get in, as a person reads it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

import click

from ops.audits.user.access import WORDS
from ops.cli.auditing import tell_unseen
from ops.cli.data import data
from ops.cli.looking import look, shape
from ops.cli.options import Options
from ops.cli.site import Site
from ops.cli.table import hung, table
from ops.cli.terminal import counted, plain
from ops.cli.tracing import Traced
from ops.cli.waiving import Parts
from ops.errors import ChangesPending
from ops.finding import Finding, Verdict, worst

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
    click.echo(f"\nWho can still get in as {plain(account)}:")
    rows = [(f.rule, WORDS[f.verdict], f.because) for f in findings]
    click.echo(table(("way in", "", "how it is known"), rows))
    tell_unseen(seen)
    click.secho(hung(verdict(findings), 2, sys.stderr), err=True, fg="green" if zero(parts) else "yellow")
    click.echo(f"  record        ops evidence show {run}", err=True)


def tell_kept(account: str, run: str, parts: Parts) -> None:
    """Whether what somebody leaves behind is in a backup that was seen to come back."""
    findings, seen = parts
    click.echo(f"\nBackups of what {plain(account)} leaves behind:")
    click.echo(table(("what", "", "how it is known", "next"), [_kept_row(one) for one in findings]))
    tell_unseen(seen)
    click.echo(f"  record        ops evidence show {run}", err=True)
    click.echo(f"  look again    ops audit run user.backup --account {plain(account)}", err=True)


def _kept_row(one: Finding) -> tuple[str, ...]:
    return one.rule, one.verdict.name, one.because, one.next_step


def show_traces(found: Sequence[Traced], as_json: bool) -> None:
    """What is left of each leaver; raise ``ChangesPending`` if anything still opens something."""
    if as_json:
        data("traces/1", {"leavers": [shape(one.run, one.parts) | {"logon": one.logon} for one in found]})
    for one in found if not as_json else ():
        tell_traces(one)
    if not found and not as_json:
        click.echo("no look is due", err=True)
    bad = [one.logon for one in found if worst(*one.parts) == Verdict.FAIL]
    if bad:
        raise ChangesPending(f"something of {', '.join(bad)} is still open", hint="the last column says how to end it")


def tell_traces(one: Traced) -> None:
    """One line for each place that names them."""
    findings, seen = one.parts
    left = sorted((f for f in findings if f.verdict != Verdict.PASS), key=lambda finding: -finding.verdict)
    looked = ", ".join(f"{part.what} ({part.looked_at})" for part in seen)
    click.echo(f"\n{plain(one.logon)}: {counted(len(left), 'trace')} left; looked at {plain(looked)}")
    if left:
        rows = [("OPEN" if f.verdict == Verdict.FAIL else "named", f.rule, f.because, f.next_step) for f in left]
        click.echo(table(("", "where", "what", "to end it"), rows))
    tell_unseen(seen)
    click.echo(f"  record        ops evidence show {one.run}", err=True)


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
