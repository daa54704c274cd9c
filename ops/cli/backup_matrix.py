"""Backups on a terminal: each system against each question, then in words what is not well, and what came back.

What is said in words stands in lines of its own, the same on a narrow terminal and on a wide one: a table of so many
columns leaves no room for the reason.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from inventory.backup.matrix import COLUMNS, cells
from inventory.backup.memory import TESTED
from inventory.backup.model import Backups
from ops.cli.table import hung
from ops.cli.terminal import COLOURS, clip, measure, plain
from ops.cli.waiving import is_waived, word
from ops.finding import Finding, Verdict

MARKS = {"PASS": "✓ ok", "WARN": "! warn", "UNKNOWN": "? open", "ERROR": "✗ err", "FAIL": "✗ FAIL"}
LEGEND = "✓ ok  ! warn: look at it  ? open: not known  ✗ err, FAIL: wrong  · not asked"
INDENT = 9  # as wide as the longest verdict and a gap
WIDEST = 14  # of a system's name, so that all of it stands in 80 columns


def matrix(plan: Backups, found: Sequence[Finding]) -> None:
    """Who has which verdict on what; below in words what is not well, and what came back.

    Where only one question was asked, as by a restore test, the words alone say it.
    """
    verdicts = cells(plan, ((one.subject, one.rule, _worth(one)) for one in found))
    asked = {column for of in verdicts.values() for column in of}
    if len(asked) > 1:
        _grid({tag: [of.get(column, "") for column in COLUMNS] for tag, of in verdicts.items() if of})
    said: dict[tuple[object, ...], list[Finding]] = {}  # one cause may answer many questions: it is told once
    for one in found:
        if _worth(one) != Verdict.PASS.name or one.rule in TESTED:
            cause = (one.verdict, one.about, one.because, one.next_step)
            said.setdefault(cause, []).append(one)
    for same in said.values():
        _told(same[0], ", ".join(one.rule for one in same))


def _worth(one: Finding) -> str:
    """The verdict as it counts here: what somebody answers for is a warning, and never green."""
    return Verdict.WARN.name if is_waived(one) else one.verdict.name


def _told(one: Finding, rules: str) -> None:
    """What was found in two or three lines: about what, why, and what to do."""
    verdict = click.style(word(one).ljust(INDENT - 1), fg=COLOURS.get(_worth(one)))
    click.echo(f"{verdict} {plain(one.about)}: {plain(rules)}")
    click.echo(hung(" " * INDENT + plain(one.because), INDENT))
    if one.next_step:
        click.echo(hung(f"{' ' * INDENT}next: {plain(one.next_step)}", INDENT + 6))


def _grid(rows: dict[str, list[str]]) -> None:
    names = {tag: clip(tag, WIDEST) for tag in rows}
    first = max(map(measure, names.values()))
    widths = [max(len(column), *(len(MARKS.get(row[at], "·")) for row in rows.values()))
              for at, column in enumerate(COLUMNS)]  # fmt: skip
    head = [column.ljust(width) for column, width in zip(COLUMNS, widths, strict=True)]
    click.echo(" ".join([" " * first, *head]).rstrip())
    for tag, row in sorted(rows.items()):
        marks = [_mark(verdict, width) for verdict, width in zip(row, widths, strict=True)]
        click.echo(" ".join([names[tag] + " " * (first - measure(names[tag])), *marks]).rstrip())
    click.echo(f"{LEGEND}\n")


def _mark(verdict: str, width: int) -> str:
    return click.style(MARKS.get(verdict, "·").ljust(width), fg=COLOURS.get(verdict))
