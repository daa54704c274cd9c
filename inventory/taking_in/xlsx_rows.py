"""Rows out of an XLSX workbook through openpyxl, row by row. Formulas are never calculated: what was shown counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime, time
from itertools import repeat
from pathlib import Path
from typing import Any

from inventory.taking_in.rows import Mistake, Options, Row, Table, columns_of, row_of
from inventory.taking_in.xlsx_package import opened, rows_of_sheet
from inventory.taking_in.zip_guard import check_workbook, has_formulas
from ops.errors import InvalidRequest

MOST_ROWS = 1_048_576  # of a sheet in Excel
MOST_CELLS = 20_000_000  # empty ones counted, since openpyxl fills gaps with them
EXACT = 15  # digits of a number that Excel keeps
EMPTY: tuple[Any, ...] = ()


def open_xlsx(path: Path, options: Options) -> Table:
    """A sheet ready to be read: the first that is visible, or the named one. Raise ``InvalidRequest`` if it cannot."""
    check_workbook(path)
    with opened(path, shown=True) as book:
        sheet = _sheet(book, options.sheet, path.name)
        title = sheet.title
        formulas = has_formulas(path, sheet._worksheet_path.lstrip("/"))
        first = next((found for found in _values(path, title, formulas) if any(found[1])), None)
    if first is None:
        raise InvalidRequest(f"{path.name}: sheet {title} is empty", hint="name another with --sheet")
    number, cells = first
    if broken := next((cell for cell in cells if isinstance(cell, _Unreadable)), None):
        raise InvalidRequest(f"{path.name}: the header has {broken.why}", hint="write the names as text")
    columns = columns_of([str(cell) for cell in cells], path.name)

    def rows() -> Iterator[Row | Mistake]:
        for at, found in _values(path, title, formulas):
            if at > number and (row := _row(at, found, columns)) is not None:
                yield row

    others = [name for name in book.sheetnames if name != title]
    ignored = f"; not read: {', '.join(others[:5])}" if others else ""
    return Table(path, columns, (f"XLSX, sheet {title}{ignored}",), rows)


class _Unreadable:
    """A cell of which no text can be had."""

    def __init__(self, why: str, text: str) -> None:
        self.why, self.text = why, text


def _sheet(book: Any, wanted: str, source: str) -> Any:
    sheets = [one for one in book.worksheets if hasattr(one, "iter_rows")]
    if wanted:
        found = [one for one in sheets if one.title.casefold() == wanted.casefold()]
    else:
        found = [one for one in sheets if one.sheet_state == "visible"]
    if not found:
        names = ", ".join(one.title for one in sheets[:10]) or "none"
        raise InvalidRequest(f"{source} has no sheet {wanted or 'to be seen'}", hint=f"there are: {names}")
    return found[0]


def _values(path: Path, title: str, formulas: bool) -> Iterator[tuple[int, Sequence[str | _Unreadable]]]:
    """Row number and cells. The formulas are only read beside what they showed where there are any."""
    with ExitStack() as stack:
        values = _bounded(stack.enter_context(opened(path, shown=True))[title], path.name)
        texts: Iterator[Sequence[Any]] = repeat(EMPTY)
        if formulas:
            texts = _bounded(stack.enter_context(opened(path, shown=False))[title], path.name)
        for number, (cells, sources) in enumerate(zip(values, texts, strict=False), 1):
            yield number, _texts(cells, sources)


def _bounded(sheet: Any, source: str) -> Iterator[Sequence[Any]]:
    cells = 0
    for number, row in enumerate(rows_of_sheet(sheet, source), 1):
        cells += len(row)
        if number > MOST_ROWS or cells > MOST_CELLS:
            raise InvalidRequest(f"{source} has more cells than can be read", hint="save the sheet alone as CSV")
        yield row


def _texts(cells: Sequence[Any], sources: Sequence[Any]) -> Sequence[str | _Unreadable]:
    found = [_text(cell.value, cell.data_type) for cell in cells]
    for place, source in enumerate(sources):
        if source.data_type == "f" and not found[place]:
            found[place] = _Unreadable("a formula that shows nothing yet", str(source.value))
    return found


def _text(value: Any, kind: str) -> str | _Unreadable:
    if value is None:
        return ""
    if kind == "e":
        return _Unreadable("a formula that ended in an error", str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: int | float) -> str | _Unreadable:
    """Without ``.0``. Of a longer number Excel has lost the end, and nobody can tell."""
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    if abs(value) >= 10**EXACT:
        return _Unreadable(f"a number of more than {EXACT} digits, of which Excel lost the end", str(value))
    return str(int(value))


def _row(number: int, cells: Sequence[str | _Unreadable], columns: Sequence[str]) -> Row | Mistake | None:
    for column, cell in zip(columns, cells, strict=False):
        if isinstance(cell, _Unreadable):
            return Mistake(number, f"the cell has {cell.why}", cell.text, column, "the text itself")
    texts = ["" if isinstance(cell, _Unreadable) else cell for cell in cells]
    if any(texts):
        texts += [""] * (len(columns) - len(texts))  # a sheet's rows end with their last cell
    return row_of(number, texts, columns)
