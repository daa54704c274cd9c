"""The summary: one printed page with key figures, how things stand, what is to be decided and what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from inventory.report.cells import GAP, VERDICT_COLOURS, Look, number_form, storable
from inventory.report.page import LINE, Setting, furnish, lines
from inventory.report.parts import Column, Plain, Summary, Tile
from inventory.report.sheet import add_table
from inventory.report.text import one_line
from inventory.report.values import value_of
from inventory.report.wording import shown

# Columns A to D: two tiles (A, and B with C) stand left of D, where charts or the decisions are; below, the table of
# how things stand uses each column once, so that none of its cells is merged.
WIDTHS = (32, 13, 19, 84)
STATUS = "status_of_summary"
STATUS_HEAD: tuple[Any, Any] = ({"indent": 1}, {"across": "center"})
STATUS_COLUMNS = ("Subject", "Status", "Owner", "Why")
TILE_ROWS = (15.0, 25.0, 15.0, 5.0)  # points
SOFT = "57606A"


@dataclass
class Grid:
    """Cells by place, before they are written row by row; rows from 1, columns from 0."""

    cells: dict[tuple[int, int], tuple[Plain, Look]] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    row: int = 1

    def put(self, column: int, value: Plain, look: Look, row: int = 0) -> None:
        """Set one cell, of the current row if none is named."""
        self.cells[row or self.row, column] = (value, look)

    def line(self, text: str, look: Look, high: float = LINE) -> None:
        """A text over the whole width, as high as it needs."""
        self.put(0, text, look)
        self.merged.append((self.row, 0, self.row, len(WIDTHS) - 1))
        self.heights[self.row] = high * lines(text, sum(WIDTHS))
        self.row += 1


def write_summary(sheet: Any, summary: Summary, setting: Setting) -> int:
    """Lay out and write the first page; return the row, from 0, beside which charts stand."""
    grid = Grid()
    _head(grid, summary, setting)
    top = grid.row
    _tiles(grid, summary, setting)
    said = _said(summary)
    beside = not summary.charts and _fits_beside(grid.row - top, said)
    if beside:
        _panel(grid, top, said)
    _status(grid, summary, setting)
    for title, points in () if beside else said:
        _list(grid, title, points)
    _flush(sheet, grid, setting)
    _name_status(sheet, grid, summary)
    return top - 1


def _head(grid: Grid, summary: Summary, setting: Setting) -> None:
    workbook = setting.workbook
    accent = setting.template.accent[1:].upper()
    by = f"As of {workbook.moment} · prepared by {workbook.prepared_by}"
    by += f" · approved by {workbook.approved_by}" if workbook.approved_by else " · not yet approved"
    grid.line(one_line(workbook.title), Look(bold=True, size=18, ink=accent, down="center"), 26)
    grid.line(one_line(f"{workbook.subject} — {summary.scope}", 400), Look(wrap=True))
    grid.line(one_line(by, 400), Look(size=9, ink=SOFT, wrap=True))
    grid.heights[grid.row] = 8
    grid.row += 1


def _tiles(grid: Grid, summary: Summary, setting: Setting) -> None:
    """Two tiles a band, four rows each: label, value, what it was, a gap. Charts need four bands beside them."""
    bands = max(-(-len(summary.tiles) // 2), 4 if summary.charts else 0)
    for number, tile in enumerate(summary.tiles):
        _tile(grid, tile, grid.row + 4 * (number // 2), number % 2, setting.template.tile[1:].upper())
    for at in range(4 * bands):
        grid.heights[grid.row + at] = TILE_ROWS[at % 4]
    grid.row += 4 * bands


def _tile(grid: Grid, tile: Tile, row: int, right: int, fill: str) -> None:
    column = Column("value", tile.kind, places=tile.places)
    value, before = value_of(column, tile.value), value_of(column, tile.before)
    form = number_form(tile.kind, tile.places, value).removesuffix(GAP)
    form = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}.get(tile.kind, form)
    known: Plain = "not known" if value is None else storable(value)
    note, under = _compared(value, before, column), Look(size=8.5, ink=SOFT, fill=fill)
    if tile.verdict:
        colours = VERDICT_COLOURS.get(tile.verdict, VERDICT_COLOURS["UNKNOWN"])
        note = " · ".join(word for word in (tile.verdict, note) if word)
        under = Look(size=8.5, bold=True, fill=colours[0], ink=colours[1])
    parts = (
        (one_line(tile.label, 60), Look(size=9, ink=SOFT, fill=fill, down="center")),
        (known, Look(form, bold=True, size=17, fill=fill, down="center", shrink=True)),
        (note, under),
    )
    for at, (content, look) in enumerate(parts):
        grid.put(right, content, look, row + at)
        if right:
            grid.put(2, None, look, row + at)
            grid.merged.append((row + at, 1, row + at, 2))


def _compared(value: Plain, before: Plain, column: Column) -> str:
    """What it was last time, and which way it went."""
    if before is None:
        return ""
    arrow = _arrow(value, before)
    return f"{arrow} was {shown(column, before)}" if arrow else f"was {shown(column, before)}"


def _arrow(value: Any, before: Any) -> str:
    if hasattr(value, "currency"):
        if value.currency != before.currency:
            return ""
        value, before = value.amount, before.amount
    if value is None or isinstance(value, str):
        return ""
    return "=" if value == before else "▲" if value > before else "▼"


def _fits_beside(rows: int, said: Sequence[tuple[str, list[str]]]) -> bool:
    """Whether each text has room in its share of the rows the tiles take."""
    room = rows // (4 * len(said)) * sum(TILE_ROWS) - TILE_ROWS[0] - TILE_ROWS[-1]
    return all(LINE * lines("\n".join(points), WIDTHS[3] - 2) <= room for _, points in said)


def _panel(grid: Grid, top: int, said: Sequence[tuple[str, list[str]]]) -> None:
    """Without charts what is to be said stands beside the tiles."""
    half = (grid.row - top) // (4 * len(said)) * 4
    for number, (title, points) in enumerate(said):
        first, last = top + number * half + 1, top + (number + 1) * half - 1
        grid.put(3, title, Look(bold=True, size=11, indent=1, down="center"), first - 1)
        grid.put(3, "\n".join(points), Look(wrap=True, indent=1), first)
        grid.merged.append((first, 3, last, 3))


def _status(grid: Grid, summary: Summary, setting: Setting) -> None:
    if not summary.lights:
        grid.line("Status: UNKNOWN. Nothing was compared.", Look(bold=True))
        return
    for column, title in enumerate(STATUS_COLUMNS):
        grid.put(column, title, replace(setting.styles.head, **STATUS_HEAD[column == 1]))
    grid.heights[grid.row] = 17
    for light in summary.lights:
        grid.row += 1
        fill, ink = VERDICT_COLOURS[light.verdict]
        status = Look(bold=True, fill=fill, ink=ink, across="center", down="center")
        plain = Look(wrap=True, down="center", edge="bottom", indent=1)
        for column, value in enumerate((light.subject, light.verdict, light.owner or "not named", light.reason)):
            grid.put(column, value, status if column == 1 else plain)
        grid.heights[grid.row] = 3 + LINE * max(lines(light.reason, WIDTHS[3]), lines(light.subject, WIDTHS[0]))
    grid.row += 1


def _said(summary: Summary) -> tuple[tuple[str, list[str]], ...]:
    return (
        ("Decisions asked of you", _numbered(summary.decisions) or ["None."]),
        ("What this does not cover", _numbered(summary.not_covered) or ["Nothing is known to be left out."]),
    )


def _list(grid: Grid, title: str, points: Sequence[str]) -> None:
    grid.heights[grid.row] = 8
    grid.row += 1
    grid.line(title, Look(bold=True, size=11), 16)
    for text in points:
        grid.line(text, Look(wrap=True))


def _numbered(points: Sequence[str]) -> list[str]:
    return [f"{number}. {one_line(text, 300)}" for number, text in enumerate(points, 1)]


def _flush(sheet: Any, grid: Grid, setting: Setting) -> None:
    from openpyxl.utils import get_column_letter

    sheet.sheet_view.showGridLines = False
    for number, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row, high in grid.heights.items():
        sheet.row_dimensions[row].height = high
    furnish(sheet, setting, setting.sheets["summary"], one_page=True)
    pen = setting.styles.on(sheet)
    for row in range(1, grid.row + 1):
        found = (grid.cells.get((row, column)) for column in range(len(WIDTHS)))
        sheet.append([pen.cell(*one) if one else None for one in found])
    for first, left, last, right in grid.merged:
        sheet.merged_cells.add(f"{get_column_letter(left + 1)}{first}:{get_column_letter(right + 1)}{last}")


def _name_status(sheet: Any, grid: Grid, summary: Summary) -> None:
    if summary.lights:
        top = next(row for row, column in sorted(grid.cells) if grid.cells[row, column][0] == STATUS_COLUMNS[0])
        add_table(sheet, STATUS, STATUS_COLUMNS, f"A{top}:D{top + len(summary.lights)}")
