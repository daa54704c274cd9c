"""Reading a written workbook back with other code than wrote it: how many rows, and what each column adds up to."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from inventory.report.sheet import PREFIX
from inventory.report.summary import STATUS
from inventory.report.values import DIGITS, Counts
from ops.errors import InvalidRequest

CURRENCY = re.compile(r"\[\$([A-Z]{3})\]")


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DIGIT = "0123456789"


@dataclass(frozen=True)
class Area:
    """A table in a file: its name, the part its sheet is, its titles by column letters, first and last row of data."""

    name: str
    sheet: str
    titles: Mapping[str, str]
    rows: tuple[int, int]


def reopened(file: Path | IO[bytes]) -> dict[str, Counts]:
    """What stands in a workbook of ours, by table, row by row. Raise ``InvalidRequest`` for what is none, or a formula.

    Dates and texts are counted as rows only.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            styles = _currencies(archive.read("xl/styles.xml"))
            return {area.name: _counts(archive, area, styles) for area in _areas(archive)}
    except (OSError, KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        name = file.name if isinstance(file, Path) else "what was written"
        raise InvalidRequest(f"{name} is no workbook of ours: {error}", hint="write it again") from error


def _areas(archive: zipfile.ZipFile) -> list[Area]:
    """The tables of all sheets, in order."""
    sheets = sorted(
        (int(found[1]), name)
        for name in archive.namelist()
        if (found := re.fullmatch(r"xl/worksheets/_rels/sheet(\d+)\.xml\.rels", name))
    )
    return [
        _area(archive, target, f"xl/worksheets/sheet{number}.xml")
        for number, name in sheets
        for target in _targets(archive.read(name))
    ]


def _currencies(styles: bytes) -> list[str | None]:
    """By the number of a style, the currency its numbers are in, empty for none; None where they are days."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
    from openpyxl.xml.functions import fromstring

    tree: Any = fromstring(styles)
    formats = dict(BUILTIN_FORMATS)
    formats |= {int(one.get("numFmtId")): str(one.get("formatCode")) for one in tree.iter(f"{MAIN}numFmt")}
    forms = [formats.get(int(one.get("numFmtId", "0")), "") for one in tree.find(f"{MAIN}cellXfs")]
    return [None if is_date_format(form) else (found[1] if (found := CURRENCY.search(form)) else "") for form in forms]


def _targets(relations: bytes) -> Iterator[str]:
    from openpyxl.xml.functions import fromstring

    for node in fromstring(relations):
        if str(node.get("Type")).endswith("/table"):
            yield str(node.get("Target")).lstrip("/")


def _area(archive: zipfile.ZipFile, part: str, sheet: str) -> Area:
    from openpyxl.utils import get_column_letter, range_boundaries
    from openpyxl.xml.functions import fromstring

    table = fromstring(archive.read(part))
    left, top, _, bottom = range_boundaries(str(table.get("ref")))
    titles = (str(column.get("name")) for column in table.iter(f"{MAIN}tableColumn"))
    name = str(table.get("displayName"))
    name = "summary" if name == STATUS else name.removeprefix(PREFIX)
    lettered = {get_column_letter(at): title for at, title in enumerate(titles, int(left or 1))}
    return Area(name, sheet, lettered, (int(top or 1) + 1, int(bottom or 1)))


def _counts(archive: zipfile.ZipFile, area: Area, styles: Sequence[str | None]) -> Counts:
    """Row by row, each forgotten as soon as it is counted."""
    from lxml.etree import iterparse

    counts = Counts()
    with archive.open(area.sheet) as file:
        for _, row in iterparse(file, tag=f"{MAIN}row", resolve_entities=False):
            if area.rows[0] <= int(row.get("r")) <= area.rows[1]:
                cells = ((area.titles.get(str(cell.get("r")).rstrip(DIGIT), ""), cell) for cell in row)
                counts.rows += _row(counts, [(title, cell) for title, cell in cells if title], styles, area.name)
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]
    return counts


def _row(counts: Counts, cells: Sequence[tuple[str, Any]], styles: Sequence[str | None], name: str) -> bool:
    """Add the numbers of one row; whether it holds anything."""
    filled = False
    for title, cell in cells:
        kind, value = cell.get("t", "n"), cell.findtext(f"{MAIN}v")
        if kind == "e" or cell.find(f"{MAIN}f") is not None:
            raise InvalidRequest(f"table {name} holds a formula or an error", hint="do not open it; write it again")
        filled = filled or bool(value) or (kind == "inlineStr" and any(cell.itertext()))
        currency = styles[int(cell.get("s", "0"))] if kind == "n" and value else None
        if currency is not None:
            counts.count(f"{title} {currency}" if currency else title, _exact(float(str(value))))
    return filled


def _exact(number: float) -> Decimal:
    """The number as a spreadsheet shows it in full."""
    return Decimal(format(Decimal(repr(number)), f".{DIGITS}g"))


def sheet_names(path: Path) -> dict[str, str]:
    """Part of a workbook of ours → the name of its sheet."""
    from openpyxl.xml.functions import fromstring

    with zipfile.ZipFile(path) as archive:
        sheets = fromstring(archive.read("xl/workbook.xml"))
    names = [str(node.get("name")) for node in sheets.iter() if str(node.tag).endswith("}sheet")]
    return {f"xl/worksheets/sheet{number}.xml": name for number, name in enumerate(names, 1)}
