"""The rows of a table as a sheet's XML, one text a row: the same cells as openpyxl writes one by one, sooner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from inventory.report.cells import PLAIN, bare, look_of, storable
from inventory.report.page import Setting
from inventory.report.parts import Column, Link, Plain, Table
from inventory.report.text import fitted, starts_formula


class Line(tuple[str, ...]):
    """One row that is XML already; a tuple, as openpyxl takes rows."""


class Rows:
    """Turns a table's values into lines. The look of a value depends on its column and its variant alone."""

    def __init__(self, sheet: Any, table: Table, setting: Setting) -> None:
        from openpyxl.utils import get_column_letter

        self._sheet, self._setting, self._today = sheet, setting, setting.workbook.today
        self._columns = [(get_column_letter(at), column) for at, column in enumerate(table.columns, 1)]
        self._styles: dict[tuple[object, ...], int] = {}

    def line(self, number: int, values: Sequence[Plain], height: float = 0.0, links: bool = True) -> Line:
        """The values as the sheet's row of that number; ``height`` in points, 0 for as high as usual."""
        high = f' ht="{height:g}" customHeight="1"' if height else ""
        return Line((f'<row r="{number}"{high}>', *self._cells(number, values, links), "</row>"))

    def _cells(self, number: int, values: Sequence[Plain], links: bool) -> Iterator[str]:
        for (letter, column), typed in zip(self._columns, values, strict=True):
            value, ref = storable(typed), f"{letter}{number}"
            if isinstance(value, Link):
                self._lead(ref, value, links)
                value = value.text
            if value is None:
                yield f'<c r="{ref}" s="{self._style(column, None, "")}" t="n"/>'
            elif isinstance(value, str):
                variant = value if column.kind == "verdict" else ""
                style = self._style(column, value, variant, starts_formula(value))
                yield f'<c r="{ref}" s="{style}" t="inlineStr"><is>{_text(value)}</is></c>'
            else:
                style = self._style(column, value, _variant(column, value, self._today))
                yield f'<c r="{ref}" s="{style}" t="n"><v>{_number(bare(value))}</v></c>'

    def _style(self, column: Column, value: Plain, variant: object, quote: bool = False) -> int:
        """The number of a look in the workbook."""
        known = column.title, value is None, isinstance(value, str), variant, quote
        if known not in self._styles:
            look = PLAIN if value is None else look_of(column, value, self._today)
            style = self._setting.styles.of(replace(look, quote=quote))
            self._styles[known] = self._sheet.parent._cell_styles.add(style)
        return self._styles[known]

    def _lead(self, ref: str, link: Link, links: bool) -> None:
        if links and link.to in self._setting.sheets:
            made = self._setting.styles.link(self._setting.sheets[link.to])
            made.ref = ref
            self._sheet._hyperlinks.append(made)


def _variant(column: Column, value: Plain, today: date) -> object:
    """What a number's look depends on besides its column: an amount's currency, and whether a day is past."""
    if column.kind == "due":
        return isinstance(value, date) and value < today
    return getattr(value, "currency", "")


def _text(text: str) -> str:
    fit = fitted(text)
    return f'<t xml:space="preserve">{escape(fit)}</t>' if fit != fit.strip() else f"<t>{escape(fit)}</t>"


def _number(value: Any) -> str:
    from openpyxl.compat import safe_string

    found: str = _serial(value) if isinstance(value, date) else safe_string(value)
    return found


@lru_cache(1 << 13)  # a register knows far fewer days than things
def _serial(moment: date | datetime) -> str:
    """A day or time as spreadsheets count them: days since 1899-12-30."""
    from openpyxl.compat import safe_string
    from openpyxl.utils.datetime import to_excel

    found: str = safe_string(to_excel(moment))
    return found


def take_lines(sheet: Any) -> None:
    """Have a sheet take lines for rows, beside rows of cells."""
    as_cells = sheet._values_to_row
    sheet._values_to_row = lambda row, number: row if isinstance(row, Line) else as_cells(row, number)


def write_line(stream: Any, line: Line) -> None:
    """Write a line into a sheet's XML."""
    from openpyxl.xml.functions import fromstring

    stream.write(fromstring("".join(line)))
