"""The same report as CSV and as JSON, with the same numbers as the workbook."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import IO, Any

from inventory.report.money import Money
from inventory.report.parts import MONEY_TAIL, Column, Plain, Table, Tile, Workbook
from inventory.report.text import defused
from inventory.report.values import typed, value_of
from inventory.report.wording import plain

BOM = "\ufeff"


def csv_text(table: Table, bom: bool = False) -> str:
    """A table as CSV (RFC 4180, CRLF). Text that starts as a formula gets an apostrophe: ``text.undefused`` removes it.

    ``bom`` puts the mark in front by which some spreadsheets know UTF-8.
    """
    out = io.StringIO(newline="")
    write_csv(table, out, bom)
    return out.getvalue()


def write_csv(table: Table, out: IO[str], bom: bool = False) -> int:
    """Write a table row by row into a text stream opened with ``newline=""``; return the number of rows."""
    if bom:
        out.write(BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([defused(title) for title in _titles(table)])
    rows = 0
    for values in typed(table):
        writer.writerow([cell for pair in zip(table.columns, values, strict=True) for cell in _cells(*pair)])
        rows += 1
    return rows


def as_json(workbook: Workbook) -> str:
    """The whole report as JSON. Amounts, decimals and fractions are texts, so that no digit is lost on the way."""
    out = io.StringIO()
    write_json(workbook, out)
    return out.getvalue()


def write_json(workbook: Workbook, out: IO[str]) -> None:
    """Write the whole report as JSON into a text stream, one row of a table a line; none of them is kept."""
    head = json.dumps(_document(workbook), ensure_ascii=False, indent=1)
    out.write(f'{head.removesuffix("}").rstrip()},\n "tables": [')
    for number, table in enumerate(workbook.tables):
        said = json.dumps(_table(table), ensure_ascii=False).removesuffix("}")
        out.write(f'{"," if number else ""}\n  {said}, "rows": [')
        for at, row in enumerate(typed(table)):
            out.write(f"{',' if at else ''}\n   {json.dumps([_json(value) for value in row], ensure_ascii=False)}")
        out.write("]}")
    out.write("\n ]\n}\n")


def _titles(table: Table) -> Iterator[str]:
    for column in table.columns:
        yield column.title
        if column.kind == "money":
            yield column.title + MONEY_TAIL


def _cells(column: Column, value: Plain) -> Iterator[str]:
    text = plain(value)
    yield defused(text) if column.kind in ("text", "id", "note", "verdict", "link") else text
    if column.kind == "money":
        yield value.currency if isinstance(value, Money) else ""


def _document(workbook: Workbook) -> dict[str, Any]:
    summary = workbook.summary
    return {
        "title": workbook.title,
        "subject": workbook.subject,
        "as_of": plain(workbook.as_of.astimezone(_utc()).replace(microsecond=0)),
        "evidence": workbook.evidence,
        "classification": workbook.classification,
        "prepared_by": workbook.prepared_by,
        "approved_by": workbook.approved_by,
        "summary": _summary(workbook) if summary else None,
    }


def _utc() -> Any:
    from datetime import UTC

    return UTC


def _summary(workbook: Workbook) -> dict[str, Any]:
    summary = workbook.summary
    assert summary
    return {
        "scope": summary.scope,
        "figures": [_tile(tile) for tile in summary.tiles],
        "status": [vars(light) for light in summary.lights],
        "decisions": list(summary.decisions),
        "not_covered": list(summary.not_covered),
    }


def _tile(tile: Tile) -> dict[str, Any]:
    column = Column(tile.label, tile.kind, places=tile.places)
    return {
        "label": tile.label,
        "value": _json(value_of(column, tile.value)),
        "before": _json(value_of(column, tile.before)),
        "verdict": tile.verdict,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "columns": [{"title": column.title, "kind": column.kind} for column in table.columns],
        "note": table.note,
    }


def _json(value: Plain) -> Any:
    if isinstance(value, Money):
        return {"amount": plain(value), "currency": value.currency}
    return value if value is None or isinstance(value, int) else plain(value)
