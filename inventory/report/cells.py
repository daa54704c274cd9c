"""The one place where cells are made: what a value looks like, and that no text is ever anything but text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from inventory import currency
from inventory.report.money import Money
from inventory.report.parts import NUMERIC, Column, Link, Plain
from inventory.report.template import Template
from inventory.report.text import fitted, starts_formula
from inventory.report.values import verdict_of

FONT = "Calibri"
LEAP_BUG = date(1900, 3, 1)  # before it, a spreadsheet's day numbers are one off (1900 was no leap year)
# Fill and ink; each pair has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3), and the word is always there too.
VERDICT_COLOURS: Mapping[str, tuple[str, str]] = {
    "FAIL": ("B3261E", "FFFFFF"),
    "ERROR": ("7B3F8C", "FFFFFF"),
    "UNKNOWN": ("D5D8DC", "1B1F24"),
    "WARN": ("FFC84A", "1B1F24"),
    "PASS": ("1E6B3A", "FFFFFF"),
}
LATE = "B3261E"
GAP = "_)"  # a number keeps away from its right neighbour by the width of a bracket

Stored = str | int | Decimal | Money | date | datetime | None


@dataclass(frozen=True)
class Look:
    """How a cell looks. Colours are RRGGBB, empty for none; ``edge`` is where a thin line runs."""

    form: str = "General"
    bold: bool = False
    size: float = 10
    ink: str = "1B1F24"
    fill: str = ""
    across: str = "left"
    down: str = "top"
    wrap: bool = False
    shrink: bool = False
    quote: bool = False
    edge: str = ""
    indent: int = 0


PLAIN = Look(edge="bottom", indent=1)  # so that text never touches a number on its left
TIME = Look("yyyy-mm-dd", across="center", shrink=True, edge="bottom")


class Pen:
    """Makes the cells of one sheet."""

    def __init__(self, sheet: Any, styles: Styles) -> None:
        self.sheet, self.styles = sheet, styles

    def cell(self, value: Plain, look: Look) -> Any:
        """One cell; a link is its text."""
        from openpyxl.cell import Cell

        text = value.text if isinstance(value, Link) else value
        if not isinstance(text, str):
            made: Any = Cell(self.sheet, 1, 1, bare(text), self.styles.of(look))
            return made
        if starts_formula(text):
            look = replace(look, quote=True)
        made = Cell(self.sheet, 1, 1, None, self.styles.of(look))
        made.value, made.data_type = fitted(text), "s"
        return made


class Styles:
    """The looks of one workbook, each written into it once."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._made: dict[Look, Any] = {}
        self._sheet: Any = None

    def on(self, sheet: Any) -> Pen:
        """A pen for one sheet."""
        self._sheet = self._sheet or sheet
        return Pen(sheet, self)

    def of(self, look: Look) -> Any:
        """The style of a look."""
        if look not in self._made:
            self._made[look] = self._style(look)
        return self._made[look]

    def _style(self, look: Look) -> Any:
        from openpyxl.cell import Cell
        from openpyxl.styles import Alignment, Font, PatternFill

        cell: Any = Cell(self._sheet, 1, 1)
        cell.font = Font(name=FONT, size=look.size, bold=look.bold, color=f"FF{look.ink}")
        cell.alignment = Alignment(
            look.across, look.down, wrap_text=look.wrap, shrink_to_fit=look.shrink, indent=look.indent
        )
        cell.number_format, cell.quotePrefix = look.form, look.quote
        if look.fill:
            cell.fill = PatternFill("solid", start_color=f"FF{look.fill}")
        if look.edge:
            cell.border = _border(look.edge)
        return cell._style

    def link(self, title: str) -> Any:
        """A link to the top of another sheet."""
        from openpyxl.worksheet.hyperlink import Hyperlink

        return Hyperlink(ref="A1", location=f"'{title.replace(chr(39), chr(39) * 2)}'!A1")

    @cached_property
    def head(self) -> Look:
        """A table's first row."""
        fill = self.template.accent[1:].upper()
        return Look(bold=True, fill=fill, ink=readable_on(fill), wrap=True, down="center")

    def head_of(self, column: Column) -> Look:
        """A column's title stands where its values stand; the indent leaves room for the filter's button."""
        if column.kind in NUMERIC:
            return replace(self.head, across="right", indent=2)
        middle = column.kind in ("verdict", "date", "due", "datetime")
        return replace(self.head, across="center") if middle else replace(self.head, indent=1)


def _border(edge: str) -> Any:
    from openpyxl.styles import Border, Side

    made: Any = Border()
    setattr(made, edge, Side("thin", color="FF8A9099" if edge == "top" else "FFD5D8DC"))
    return made


def bare(value: int | Decimal | Money | date | datetime | None) -> Any:
    """What openpyxl is given: an amount without its currency, a time without its zone, which is UTC."""
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def look_of(column: Column, value: Plain, today: date) -> Look:
    """How a value looks in its column; ``today`` is the day before which a due date is late."""
    match column.kind:
        case "verdict":
            fill, ink = VERDICT_COLOURS[verdict_of(column, value)]
            return Look(bold=True, fill=fill, ink=ink, across="center")
        case "note":
            return replace(PLAIN, wrap=True)
        case "link":
            return replace(PLAIN, ink="0B57A4")
        case "date" | "due" | "datetime":
            return _time(column.kind, value, today)
        case "integer" | "decimal" | "money" | "percent":
            return Look(number_form(column.kind, column.places, value), across="right", shrink=True, edge="bottom")
    return PLAIN


def number_form(kind: str, places: int, value: Plain) -> str:
    """The format of a number, with its currency's letters and decimals for money."""
    if isinstance(value, Money):
        return f"{_decimals('#,##0', currency.places(value.currency))}\\ [${value.currency}]{GAP}"
    if kind == "percent":
        return f"{_decimals('0', places)}%{GAP}"
    return _decimals("#,##0", places if kind == "decimal" else 0) + GAP


def storable(value: Plain) -> Stored:
    """The value, or as text a link, and a date that a spreadsheet would count wrongly."""
    if isinstance(value, Link):
        return value.text
    if isinstance(value, datetime):
        return value if value.date() >= LEAP_BUG else f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) and value < LEAP_BUG else value


def _decimals(whole: str, places: int) -> str:
    return f"{whole}.{'0' * places}" if places else whole


def _time(kind: str, value: Plain, today: date) -> Look:
    if kind == "datetime":
        return replace(TIME, form="yyyy-mm-dd hh:mm")
    if kind == "due" and isinstance(value, date) and value < today:
        return replace(TIME, form='yyyy-mm-dd" late"', bold=True, ink=LATE)
    return TIME


def readable_on(fill: str) -> str:
    """White or near-black, whichever contrasts more with a colour (WCAG 2.2 relative luminance)."""
    return "FFFFFF" if contrast("FFFFFF", fill) >= contrast("1B1F24", fill) else "1B1F24"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
