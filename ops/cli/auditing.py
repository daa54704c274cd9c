"""Running an audit: look, show, record, and fail when what was found is bad enough."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click

from ops.cli import show
from ops.cli.comparing import PART
from ops.cli.data import data
from ops.cli.looking import look, shape
from ops.cli.options import Options
from ops.cli.site import Site
from ops.cli.table import hung, table
from ops.cli.terminal import counted, plain
from ops.cli.waiving import word
from ops.errors import NotWell
from ops.finding import Finding, Seen, Source, Verdict, reaches, worst
from ops.operation import names

ASKING = ("estate.discover", "backups.restore")  # run by a command of its own
EVERYTHING = click.option("--all", "everything", is_flag=True, help="Show what is PASS too, one line each.")
RECENT = 600  # seconds; a look may take so long and is still one of now


def run_audit(site: Site, name: str, fail_on: Verdict | None, arguments: Mapping[str, Any], options: Options) -> None:
    """Run it and record what was seen."""
    run_audits(site, [name], fail_on, arguments, options)


def run_audits(
    site: Site,
    chosen: Sequence[str],
    fail_on: Verdict | None,
    arguments: Mapping[str, Any],
    options: Options,
    told: Callable[[Sequence[Finding]], None] | None = None,
) -> None:
    """Run them one after another; that one was bad is raised when all have been run.

    ``told`` shows the findings in another way than as one table.
    """
    show.header(site, options)
    raised: list[NotWell] = []
    shapes = []
    for name in chosen:
        run, (findings, seen) = look(site, name, arguments)
        ordered = tuple(sorted(findings, key=lambda finding: (-finding.verdict, finding.about)))
        shapes.append(shape(run, (ordered, seen)))
        if not options.json:
            _printed(ordered, seen, run, told or partial(_tabled, everything=options.everything))
        verdict = worst(findings, seen)
        if fail_on is not None and reaches(verdict, fail_on):
            raised.append(NotWell(f"{name}: {verdict.name}", hint=f"ops evidence show {run}"))
    if options.json:
        data("audit/1", shapes[0]) if len(shapes) == 1 else data("audits/1", {"audits": shapes})
    if raised:
        raise raised[0]


def family(name: str) -> list[str]:
    """The audits a word means: one by its name or its last part, or all of a family but what is told to begin."""
    known = names("audits")
    whole = [one for one in known if one.partition(".")[0] == name and one not in ASKING]
    return [one for one in known if name in (one, one.rpartition(".")[2])] or whole or [name]


def tell(findings: tuple[Finding, ...], seen: tuple[Seen, ...], run: str, options: Options) -> None:
    """All of it, the worst first, and what was not looked at."""
    ordered = tuple(sorted(findings, key=lambda finding: (-finding.verdict, finding.about)))
    if options.json:
        data("audit/1", shape(run, (ordered, seen)))
    else:
        _printed(ordered, seen, run, partial(_tabled, everything=True))


def _tabled(ordered: Sequence[Finding], everything: bool) -> None:
    """One line each; what is well is a number, unless everything is asked for."""
    rows = [(word(f), f.about, f.rule, f.because, f.next_step) for f in ordered]
    shown = [row for row in rows if everything or row[0] != Verdict.PASS.name]
    if shown:
        click.echo(table(("verdict", "who", "what", "because", "next"), shown))
    if well := len(rows) - len(shown):
        click.echo(f"{well} PASS; --all shows {'it' if well == 1 else 'them'}")


def _printed(
    ordered: tuple[Finding, ...], seen: tuple[Seen, ...], run: str, told: Callable[[Sequence[Finding]], None]
) -> None:
    if ordered:
        told(ordered)
    for line in _sources(ordered):
        click.echo(hung(f"  from {line}", 4, sys.stderr), err=True)
    for one in seen:
        said = f"looked at {plain(one.what)} ({one.looked_at}); {_counts(ordered)}"
        click.echo(hung(said, 2, sys.stderr), err=True)
        tell_unseen((one,))
    click.echo(f"  record  ops evidence show {run}", err=True)


def tell_unseen(seen: Sequence[Seen]) -> None:
    """What was not looked at; targets choose some of its words."""
    for what in [what for one in seen for what in one.not_looked_at]:
        click.echo(hung(f"  not looked at: {plain(what)}", 4, sys.stderr), err=True)


def _counts(found: Sequence[Finding]) -> str:
    """``3 findings: 1 FAIL, 2 PASS``."""
    each = Counter((one.verdict, word(one)) for one in found)
    told = ", ".join(f"{each[one]} {one[1]}" for one in sorted(each, reverse=True))
    return f"{counted(len(found), 'finding')}{f': {told}' * bool(told)}"


def _sources(found: Sequence[Finding]) -> Iterator[str]:
    """The sources with their age and what they were asked for; those of the same age and use together."""
    now, rules, alike = datetime.now(UTC), dict[Source, dict[str, None]](), dict[tuple[str, str], dict[str, None]]()
    for one in found:
        for source in one.sources:
            rules.setdefault(source, {})[PART.sub("", one.rule)] = None
    for source, asked in sorted(rules.items(), key=lambda pair: (pair[0].name, pair[0].as_of)):
        age = (now - source.as_of).total_seconds()
        when = "now" if age < RECENT else f"{source.as_of:%Y-%m-%d %H:%M} UTC"
        alike.setdefault((when, ", ".join(sorted(asked))), {})[source.name] = None
    for (when, said), some in alike.items():
        yield plain(f"{', '.join(some)}, {when}, to judge: {said}")
