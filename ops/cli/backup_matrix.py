"""Backups on a terminal: each system against each question, then in words what is not well, and what came back."""

from __future__ import annotations

from collections.abc import Sequence

import click

from inventory.backup.matrix import COLUMNS, cells
from inventory.backup.model import Backups
from ops.cli.showing import COLOURS
from ops.cli.table import table
from ops.cli.terminal import clip, measure
from ops.finding import Finding, Verdict

MARKS = {"PASS": "✓ ok", "WARN": "! warn", "UNKNOWN": "? open", "ERROR": "✗ err", "FAIL": "✗ FAIL"}
LEGEND = "✓ ok   ! look at it   ? not known, never green   ✗ wrong   · not asked"
WIDEST = 14  # of a system's name, so that all of it stands in 80 columns


def matrix(plan: Backups, found: Sequence[Finding]) -> None:
    """Who has which verdict on what; below in words what is not well, and what came back."""
    verdicts = cells(plan, ((one.subject, one.rule, one.verdict.name) for one in found))
    if any(verdicts.values()):
        _grid({tag: [of.get(column, "") for column in COLUMNS] for tag, of in verdicts.items()})
    rows = [(one.verdict.name, one.about, one.rule, one.because, one.next_step) for one in found]
    if said := [row for row in rows if row[0] != Verdict.PASS.name or row[2] == "restore"]:
        click.echo(table(("verdict", "who", "what", "because", "next"), said))


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
