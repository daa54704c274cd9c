"""The rows of a table as a sheet's XML, one text a row: the same cells as openpyxl writes one by one, sooner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from inventory.report.cells import PLAIN, bare, look_of, storable
from inventory.report.money import Money
from inventory.report.page import Setting
from inventory.report.parts import Column, Link, Plain, Table
from inventory.report.text import fitted, starts_formula


class Line(tuple[str, ...]):
    """One row that is XML already; a tuple, as openpyxl takes rows."""


class Rows:
    """Turns a table's values into lines. The look of a value depends on its column and its variant alone."""

    def __init__(self, sheet: Any, table: Table, setting: Setting) -> None:
        from openpyxl.compat import safe_string
        from openpyxl.utils import get_column_letter

        self._plain: Callable[[Any], str] = safe_string
        self._sheet, self._setting, self._today = sheet, setting, setting.workbook.today
        styles: list[dict[object, int]] = [{} for _ in table.columns]  # of each column, by variant
        letters = (get_column_letter(at) for at in range(1, len(styles) + 1))
        self._columns = list(zip(letters, table.columns, styles, strict=True))

    def line(self, number: int, values: Sequence[Plain], height: float = 0.0, links: bool = True) -> Line:
        """The values as the sheet's row of that number; ``height`` in points, 0 for as high as usual."""
        high = f' ht="{height:g}" customHeight="1"' if height else ""
        return Line((f'<row r="{number}"{high}>', *self._cells(number, values, links), "</row>"))

    def _cells(self, number: int, values: Sequence[Plain], links: bool) -> Iterator[str]:
        for (letter, column, styles), typed in zip(self._columns, values, strict=True):
            value = storable(typed) if isinstance(typed, date) else typed
            if isinstance(value, Link):
                self._lead(f"{letter}{number}", value, links)
                value = value.text
            variant = _variant(column, value, self._today)
            if variant not in styles:
                styles[variant] = self._style(column, value)
            start = f'<c r="{letter}{number}" s="{styles[variant]}"'
            if isinstance(value, str):
                yield f'{start} t="inlineStr"><is>{_text(value)}</is></c>'
            elif value is None:
                yield f'{start} t="n"/>'
            else:
                yield f'{start} t="n"><v>{self._number(bare(value))}</v></c>'

    def _number(self, value: Any) -> str:
        return _serial(value) if isinstance(value, date) else self._plain(value)

    def _style(self, column: Column, value: Plain) -> int:
        """The number of a look in the workbook."""
        look = PLAIN if value is None else look_of(column, value, self._today)
        quote = isinstance(value, str) and starts_formula(value)
        return int(self._sheet.parent._cell_styles.add(self._setting.styles.of(replace(look, quote=quote))))

    def _lead(self, ref: str, link: Link, links: bool) -> None:
        if links and link.to in self._setting.sheets:
            made = self._setting.styles.link(self._setting.sheets[link.to])
            made.ref = ref
            self._sheet._hyperlinks.append(made)


def _variant(column: Column, value: Plain, today: date) -> object:
    """What a value's look depends on besides its column: whether a text could be taken for a formula, a verdict's
    word, an amount's currency, whether a day is past."""
    if isinstance(value, str):
        kind = "formula" if starts_formula(value) else "text"
        return (kind, value) if column.kind == "verdict" else kind
    if isinstance(value, Money):
        return value.currency
    return value is not None and (column.kind == "due" and isinstance(value, date) and value < today, "number")


def _text(text: str) -> str:
    fit = fitted(text)
    return f'<t xml:space="preserve">{escape(fit)}</t>' if fit != fit.strip() else f"<t>{escape(fit)}</t>"


@lru_cache(1 << 13)  # a register knows far fewer days than things
def _serial(moment: date | datetime) -> str:
    """A day or time as spreadsheets count them: days since 1899-12-30."""
    from openpyxl.compat import safe_string
    from openpyxl.utils.datetime import to_excel

    number: Any = to_excel
    found: str = safe_string(number(moment))
    return found


def take_lines(sheet: Any) -> None:
    """Have a sheet take lines for rows, beside rows of cells."""
    as_cells = sheet._values_to_row
    sheet._values_to_row = lambda row, number: row if isinstance(row, Line) else as_cells(row, number)


def written(line: Line) -> bytes:
    """A line as it stands in the file, in ASCII as all that lxml writes there."""
    return "".join(line).encode("ascii", "xmlcharrefreplace")
