"""One table as a sheet, row by row as the rows come: none of them is kept."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from inventory.report.cells import Look, Pen, number_form
from inventory.report.money import Money
from inventory.report.page import HIGHEST, LINE, Setting, furnish, lines
from inventory.report.parts import NUMERIC, Column, Plain, Table
from inventory.report.rows import Rows
from inventory.report.values import Counts, typed
from ops.errors import InvalidRequest

MOST_ROWS = 1_048_000  # a sheet has 1,048,576; some are left for what stands below the table
MOST_LINKS = 65_000  # a sheet holds 65,530
CHARTED = 40  # rows; a chart of more is not read
PREFIX = "tbl_"  # so that no table is called as a cell is, such as A1


@dataclass
class Drawn:
    """What was written of one table; ``kept`` are the columns charts need."""

    table: Table
    title: str
    counts: Counts = field(default_factory=Counts)
    kept: dict[str, list[Plain]] = field(default_factory=dict)

    @cached_property
    def linking(self) -> int:
        """How many columns hold links."""
        return sum(column.kind == "link" for column in self.table.columns)

    @cached_property
    def notes(self) -> list[tuple[int, int]]:
        """Where its notes stand, and how wide these columns are."""
        return [(at, column.wide - 2) for at, column in enumerate(self.table.columns) if column.kind == "note"]

    @property
    def last(self) -> int:
        """The row of the sheet in which the table ends; a table without rows has an empty one."""
        return 1 + max(1, self.counts.rows)


def write_table(sheet: Any, table: Table, setting: Setting, keep: Sequence[str] = ()) -> Drawn:
    """Write a table's sheet, keeping the columns named by ``keep``. Raise ``InvalidRequest`` for a wrong row."""
    drawn = Drawn(table, setting.sheets[table.name], kept={title: [] for title in keep})
    pen, rows = setting.styles.on(sheet), Rows(sheet, table, setting)
    _prepare(sheet, setting, drawn)
    sheet.append([pen.cell(column.title, setting.styles.head_of(column)) for column in table.columns])
    sheet._writer.write_lines(_lines(drawn, rows))
    if not drawn.counts.rows:
        sheet.append([])
    for row in _foot(pen, drawn):
        sheet.append(row)
    _finish(sheet, drawn)
    sheet.close()
    return drawn


def add_table(sheet: Any, name: str, columns: Sequence[str], ref: str) -> None:
    """Make a range a real table with bands and filter buttons."""
    from openpyxl.worksheet.filters import AutoFilter
    from openpyxl.worksheet.table import Table as Range
    from openpyxl.worksheet.table import TableColumn, TableStyleInfo

    made = Range(displayName=name, name=name, ref=ref, autoFilter=AutoFilter(ref=ref))
    made.tableColumns = [TableColumn(id=number, name=title) for number, title in enumerate(columns, 1)]
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight15", showRowStripes=True)
    sheet.tables.add(made)


def _lines(drawn: Drawn, rows: Rows) -> Iterator[str]:
    for values in _counted(drawn):
        number, high = drawn.counts.rows, _high(drawn, values) if drawn.notes else 0.0
        yield rows.line(number + 1, values, high, number * drawn.linking <= MOST_LINKS)


def _counted(drawn: Drawn) -> Iterator[tuple[Plain, ...]]:
    titles = [column.title for column in drawn.table.columns]
    numeric = [at for at, column in enumerate(drawn.table.columns) if column.kind in NUMERIC]
    columns = [drawn.table.columns[at] for at in numeric]
    places = {titles.index(title): kept for title, kept in drawn.kept.items()}
    for values in typed(drawn.table):
        drawn.counts.add(columns, [values[at] for at in numeric])
        if drawn.counts.rows > (CHARTED if places else MOST_ROWS):
            message = f"table {drawn.table.name} has more than {drawn.counts.rows - 1:,} rows"
            raise InvalidRequest(message, hint="chart a smaller table" if places else "write it as CSV")
        for place, kept in places.items():
            kept.append(values[place])
        yield values


def _high(drawn: Drawn, values: Sequence[Plain]) -> float:
    """As high as a row has to be for its notes, 0 for one line; not every program does so by itself."""
    needed = max(lines(str(values[at]), wide) for at, wide in drawn.notes)
    return min(HIGHEST, LINE * needed + 1) if needed > 1 else 0.0


def _prepare(sheet: Any, setting: Setting, drawn: Drawn) -> None:
    for letter, column in _lettered(drawn.table):
        sheet.column_dimensions[letter].width = column.wide
    sheet.freeze_panes = "B2" if len(drawn.table.columns) > 6 else "A2"
    sheet.print_title_rows = "1:1"
    high = max(lines(column.title, column.wide - 4) for column in drawn.table.columns)
    sheet.row_dimensions[1].height = LINE * high + 4
    furnish(sheet, setting, drawn.title, wide=sum(column.wide for column in drawn.table.columns))
    _write_with(sheet, _ids(drawn))


def _ids(drawn: Drawn) -> Iterator[str]:
    """The ranges of identifiers, asked for when the last row is known."""
    for letter, column in _lettered(drawn.table):
        if column.kind in ("id", "text"):
            yield f"{letter}2:{letter}{drawn.last}"


def _write_with(sheet: Any, ids: Iterator[str]) -> None:
    """Have the sheet take rows that are XML already, and say that numbers among its identifiers are text on purpose;
    openpyxl has no word for either."""
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.xml.constants import SHEET_MAIN_NS
    from openpyxl.xml.functions import Element, SubElement, xmlfile

    class Writer(WorksheetWriter):
        written = 0  # rows that openpyxl did not count

        def get_stream(self) -> Any:
            with (
                Path(str(self.out)).open("wb", 1 << 20) as self.file,
                xmlfile(self.file) as self.stream,
                self.stream.element("worksheet", xmlns=SHEET_MAIN_NS),
                suppress(GeneratorExit),
            ):
                yield from _parts(self.stream)

        def write_row(self, xf: Any, row: Any, row_idx: int) -> None:
            super().write_row(xf, row, row_idx + self.written)

        def write_lines(self, each: Iterator[str]) -> None:
            self.stream.flush()
            for self.written, line in enumerate(each, 1):
                self.file.write(line.encode("ascii", "xmlcharrefreplace"))  # as all that lxml writes there

        def write_drawings(self) -> None:
            told = Element("ignoredErrors")
            for ref in ids:
                SubElement(told, "ignoredError", {"sqref": ref, "numberStoredAsText": "1"})
            if len(told):
                self.xf.send(told)
            super().write_drawings()

    as_cells = sheet._values_to_row
    sheet._values_to_row = lambda row, number: as_cells(row, number + sheet._writer.written)
    sheet._writer = Writer(sheet)
    sheet._writer.write_top()


def _parts(stream: Any) -> Iterator[Any]:
    """Write each part that is sent; ``True`` asks for the stream, to write rows."""
    while True:
        part = yield
        if part is True:
            yield stream
        elif part is not None:
            stream.write(part)


def _foot(pen: Pen, drawn: Drawn) -> Iterator[list[Any]]:
    """Below the table: sums, one row for each currency; what is missing from them; the note."""
    if not drawn.counts.rows:
        yield [pen.cell("No rows.", Look(bold=True, indent=1))]
    yield []
    yield from _totals(pen, drawn)
    width = max(40, sum(column.wide for column in drawn.table.columns))
    for line in (*_gaps(drawn), *drawn.table.note.splitlines()):
        for piece in textwrap.wrap(line, width):
            yield [pen.cell(piece, Look(size=9, ink="57606A", indent=1))]


def _totals(pen: Pen, drawn: Drawn) -> Iterator[list[Any]]:
    columns = drawn.table.columns
    summed = [column for column in columns if column.total]
    money = {key[-3:] for column in summed if column.kind == "money" for key in drawn.counts.sums if _of(column, key)}
    plain = any(column.kind != "money" for column in summed)
    currencies = sorted(money) or ([""] if plain else [])
    label = next((at for at, column in enumerate(columns) if not column.total), None)
    for number, currency in enumerate(currencies):
        row = [_total(pen, drawn, column, currency, number == 0) for column in columns]
        if label is not None:
            row[label] = pen.cell(f"Total {currency}".strip(), Look(bold=True, edge="" if number else "top", indent=1))
        yield row


def _of(column: Column, key: str) -> bool:
    return key[:-4] == column.title


def _total(pen: Pen, drawn: Drawn, column: Column, currency: str, first: bool) -> Any:
    key = f"{column.title} {currency}" if column.kind == "money" else column.title
    plain = Look(bold=True, edge="top" if first else "")
    number = drawn.counts.sums.get(key) if column.total and (first or column.kind == "money") else None
    if number is None:
        return pen.cell(None, plain)
    value = Money(number, currency) if column.kind == "money" else number
    form = number_form(column.kind, column.places, value)
    return pen.cell(value, replace(plain, form=form, across="right", shrink=True))


def _gaps(drawn: Drawn) -> Iterator[str]:
    for column in drawn.table.columns:
        if column.total and (count := drawn.counts.missing[column.title]):
            yield f"{column.title}: {count:,} of {drawn.counts.rows:,} rows have no value and are not in the total."


def _finish(sheet: Any, drawn: Drawn) -> None:
    from openpyxl.utils import get_column_letter

    table = drawn.table
    ref = f"A1:{get_column_letter(len(table.columns))}{drawn.last}"
    add_table(sheet, PREFIX + table.name, [column.title for column in table.columns], ref)
    for letter, column in _lettered(table):
        cells = f"{letter}2:{letter}{drawn.last}"
        if column.choices:
            _offer(sheet, cells, column.choices)
        if column.bar:
            _bars(sheet, cells, column)


def _offer(sheet: Any, cells: str, choices: Sequence[str]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    offered.add(cells)
    sheet.data_validations.append(offered)


def _bars(sheet: Any, cells: str, column: Column) -> None:
    """Bars in the cells; of a percentage from 0 to 100 %, else to the largest."""
    from openpyxl.formatting.rule import DataBarRule

    rule: Any = DataBarRule
    end: Mapping[str, Any] = {"end_type": "num", "end_value": 1} if column.kind == "percent" else {"end_type": "max"}
    sheet.conditional_formatting.add(cells, rule("num", 0, color="FF9DB7D5", minLength=0, maxLength=100, **end))


def _lettered(table: Table) -> Iterator[tuple[str, Column]]:
    from openpyxl.utils import get_column_letter

    return ((get_column_letter(number), column) for number, column in enumerate(table.columns, 1))
