"""Sheets without a row are not printed one by one: one sheet says of each of them, in a line, why it has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from inventory.report.parts import Column, Summary, Table, Workbook

NAME, TITLE = "nothing", "Nothing to report"
LAST = "definitions"  # the first of the sheets every report ends in
COLUMNS = (Column("Sheet", width=36), Column("Why it is not here", "note", 90))


def gathered(workbook: Workbook, main: str) -> Workbook:
    """The same report, its tables without rows gathered in one; ``main`` and what is charted stay in any case."""
    summary = workbook.summary
    kept = {main, *(chart.table for chart in (summary.charts if summary else ()))}
    gone = [table for table in workbook.tables if table.name not in kept and _empty(table)]
    if not gone:
        return workbook
    rows = [(table.title, _why(table)) for table in gone]
    told = Table(NAME, TITLE, COLUMNS, rows, "Each of these would be empty, for the reason beside it.")
    left = [part for part in workbook.parts if part not in gone]
    return replace(workbook, parts=list(_placed(left, told)))


def _placed(parts: Sequence[Summary | Table], told: Table) -> Iterator[Summary | Table]:
    """Before the sheets that every report ends in, or last."""
    at = next((at for at, part in enumerate(parts) if isinstance(part, Table) and part.name == LAST), len(parts))
    yield from (*parts[:at], told, *parts[at:])


def _why(table: Table) -> str:
    return table.empty or " ".join(("None.", *table.note.splitlines()))


def _empty(table: Table) -> bool:
    """Whether it has no rows; a generator that is good for one reading is not looked into."""
    if callable(table.rows):
        return next(iter(table.rows()), None) is None
    return isinstance(table.rows, Sequence) and not table.rows
