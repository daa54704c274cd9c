"""The rows of a table as a sheet's XML, one text a row: the same cells as openpyxl writes one by one, sooner."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from typing import Any
from xml.sax.saxutils import escape

from inventory.report.cells import PLAIN, bare, look_of, storable
from inventory.report.money import Money
from inventory.report.page import Setting
from inventory.report.parts import NUMERIC, Column, Link, Plain, Table
from inventory.report.text import LONGEST, fitted, starts_formula

MANY = 1 << 11  # of a column's values are remembered as they were written: most come again
# Begins no formula, holds nothing to escape or mark, and no blank at its ends: most of a register's text.
HARMLESS = re.compile("[A-Za-z0-9](?:[A-Za-z0-9 .,:;/()#+@-]*[A-Za-z0-9.,:;/()#+@-])?")


class Rows:
    """Turns a table's values into lines. The look of a value depends on its column and its variant alone."""

    def __init__(self, sheet: Any, table: Table, setting: Setting) -> None:
        from openpyxl.utils import get_column_letter

        self._sheet, self._setting, self._today = sheet, setting, setting.workbook.today
        starts = (f'<c r="{get_column_letter(at)}' for at in range(1, len(table.columns) + 1))
        self._columns = list(zip(starts, map(self._writer, table.columns), strict=True))
        self._linking = [at for at, one in enumerate(table.columns) if one.kind == "link"]

    def line(self, number: int, values: Sequence[Plain], height: float = 0.0, links: bool = True) -> str:
        """The values as the sheet's row of that number; ``height`` in points, 0 for as high as usual."""
        high = f' ht="{height:g}" customHeight="1"' if height else ""
        if links and self._linking:
            self._lead(number, values)
        at, pairs = str(number), zip(self._columns, values, strict=True)
        cells = "".join([f"{start}{at}{cell(value)}" for (start, cell), value in pairs])
        return f'<row r="{at}"{high}>{cells}</row>'

    def _writer(self, column: Column) -> Callable[[Plain], str]:
        """What makes of a column's value all of its cell after its place; amounts and notes seldom come again."""
        if column.kind in NUMERIC:
            return partial(self._figure, column, {})
        made = partial(self._cell, column, {})
        return made if column.kind == "note" else lru_cache(MANY)(made)

    def _figure(self, column: Column, styles: dict[str | None, int], value: Plain) -> str:
        currency, number = (value.currency, value.amount) if isinstance(value, Money) else ("", value)
        variant = currency if value is not None else None
        if variant not in styles:
            styles[variant] = self._style(column, value)
        shown = "/>" if number is None else f"><v>{_number(number)}</v></c>"
        return f'" s="{styles[variant]}" t="n"{shown}'

    def _cell(self, column: Column, styles: dict[object, int], typed: Plain) -> str:
        if isinstance(typed, str) and "text" in styles and len(typed) <= LONGEST and HARMLESS.fullmatch(typed):
            return f'" s="{styles["text"]}" t="inlineStr"><is><t>{typed}</t></is></c>'  # sooner what is below
        value = storable(typed)
        variant = _variant(column, value, self._today)
        if variant not in styles:
            styles[variant] = self._style(column, value)
        start = f'" s="{styles[variant]}" t='
        if isinstance(value, str):
            return f'{start}"inlineStr"><is>{_text(value)}</is></c>'
        return f'{start}"n"/>' if value is None else f'{start}"n"><v>{_number(_serial(bare(value)))}</v></c>'

    def _style(self, column: Column, value: Plain) -> int:
        """The number of a look in the workbook."""
        look = PLAIN if value is None else look_of(column, value, self._today)
        quote = isinstance(value, str) and starts_formula(value)
        return int(self._sheet.parent._cell_styles.add(self._setting.styles.of(replace(look, quote=quote))))

    def _lead(self, number: int, values: Sequence[Plain]) -> None:
        from openpyxl.utils import get_column_letter

        for at in self._linking:
            link = values[at]
            if isinstance(link, Link) and link.to in self._setting.sheets:
                made = self._setting.styles.link(self._setting.sheets[link.to])
                made.ref = f"{get_column_letter(at + 1)}{number}"
                self._sheet._hyperlinks.append(made)


def _variant(column: Column, value: Plain, today: date) -> object:
    """What a value's look depends on besides its column: whether a text could be taken for a formula, a verdict's
    word, whether a day is past."""
    if isinstance(value, str):
        kind = "formula" if starts_formula(value) else "text"
        return (kind, value) if column.kind == "verdict" else kind
    return value is not None and (column.kind == "due" and isinstance(value, date) and value < today, "number")


def _text(text: str) -> str:
    fit = fitted(text)
    return f'<t xml:space="preserve">{escape(fit)}</t>' if fit != fit.strip() else f"<t>{escape(fit)}</t>"


def _number(number: Any) -> str:
    """As openpyxl writes it."""
    return format(float(number), ".16g")


def _serial(value: Any) -> float:
    """A day or time as spreadsheets count them: days since 1899-12-30."""
    from openpyxl.utils.datetime import to_excel

    number: Any = to_excel
    return float(number(value))
