"""The first page of a report on a terminal and as JSON: the same numbers as in its file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from inventory.report.parts import Column, Summary, Tile
from inventory.report.values import value_of
from inventory.report.wording import plain as machine
from inventory.report.wording import shown
from ops.cli.data import data
from ops.cli.rebuilding import Checked
from ops.cli.reporting import Made
from ops.cli.table import hung, table
from ops.cli.terminal import COLOURS, plain
from ops.errors import ChangesPending


def tell(made: Made) -> None:
    """Figures, how things stand, what is to be decided, what is left out; then where the file and the record are."""
    summary = _summary(made)
    click.echo(f"\n{made.workbook.title}: {summary.scope}; as of {made.workbook.moment}\n")
    click.echo(table(("figure", "", "before"), [_figure(tile) for tile in summary.tiles]))
    click.echo()
    for line in table(
        ("", "what", "why"), [(one.verdict, one.subject, one.reason) for one in summary.lights]
    ).splitlines():
        click.secho(line, fg=COLOURS.get(line.split(" ", 1)[0]))
    for title, points in (("to be decided", summary.decisions), ("not covered", summary.not_covered)):
        for point in points:
            click.echo(hung(f"  {title}: {plain(point)}", 4, sys.stderr), err=True)
    if made.file:
        click.echo(f"  written       {plain(made.file['name'])}, SHA-256 {made.file['sha256']}", err=True)
        click.echo(f"  to check it   ops report verify {plain(made.file['name'])}", err=True)
    click.echo(f"  record        ops evidence show {made.run}", err=True)


def shape(made: Made) -> dict[str, Any]:
    """Shape ``report/1``."""
    summary = _summary(made)
    return {
        "run": made.run,
        "report": made.report,
        "as_of": made.workbook.as_of.isoformat(),
        "figures": {tile.label: _value(tile) for tile in summary.tiles},
        "status": [vars(light) for light in summary.lights],
        "decisions": list(summary.decisions),
        "not_covered": list(summary.not_covered),
        "file": dict(made.file),
    }


def _summary(made: Made) -> Summary:
    assert made.workbook.summary
    return made.workbook.summary


def _figure(tile: Tile) -> tuple[str, str, str]:
    column = Column(tile.label, tile.kind, places=tile.places)
    now, before = value_of(column, tile.value), value_of(column, tile.before)
    return (
        tile.label,
        "not known" if now is None else shown(column, now),
        "" if before is None else shown(column, before),
    )


def _value(tile: Tile) -> Any:
    value = value_of(Column(tile.label, tile.kind, places=tile.places), tile.value)
    if value is None or isinstance(value, int):
        return value
    currency = getattr(value, "currency", "")
    return {"amount": machine(value), "currency": currency} if currency else machine(value)


def tell_checked(checked: Checked, name: str, as_json: bool) -> None:
    """Whether a file is what it was; raise ``ChangesPending`` if it is not."""
    if as_json:
        data("report-verify/1", vars(checked) | {"file": name})
    elif checked.identical:
        for line in _good(checked):
            click.echo(line)
    if not checked.identical:
        raise ChangesPending(f"{plain(name)} differs from the report of run {checked.run}: {_what(checked)}",
                             hint=_hint(checked))  # fmt: skip


def _good(checked: Checked) -> Iterator[str]:
    yield f"identical: made again from the register as of event {checked.event}, {checked.as_of[:16]} UTC, every byte"
    yield f"  record        ops evidence show {checked.run}: signed, and its chain is whole"
    if not checked.original:
        yield "  it was packed anew since: its parts are the same, its SHA-256 is another"


def _what(checked: Checked) -> str:
    return ", ".join(plain(one) for one in checked.differs)


def _hint(checked: Checked) -> str:
    if not checked.original:
        return "it was changed after it was written; ask for the original, or make a new one"
    if checked.versions:
        return f"it is the recorded file, and made by another version: {'; '.join(checked.versions)}"
    return "it is the recorded file, and cannot be made again: report this"
