"""Reading a written workbook back with other code than wrote it: how many rows, and what each column adds up to."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from inventory.report.sheet import PREFIX
from inventory.report.summary import STATUS
from inventory.report.values import DIGITS, Counts
from ops.errors import InvalidRequest

CURRENCY = re.compile(r"\[\$([A-Z]{3})\]")


@dataclass(frozen=True)
class Area:
    """A table in a file: its name, its sheet by number from 0, and where it stands."""

    name: str
    sheet: int
    columns: tuple[int, int]
    rows: tuple[int, int]


def reopened(path: Path) -> dict[str, Counts]:
    """What stands in a workbook of ours, by table, row by row. Raise ``InvalidRequest`` for what is none, or a formula.

    Dates and texts are counted as rows only.
    """
    from openpyxl import load_workbook

    try:
        areas = _areas(path)
        file = path.open("rb")
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise InvalidRequest(f"{path.name} is no workbook of ours: {error}", hint="write it again") from error
    with file:
        book: Any = load_workbook(file, read_only=True)
        return {area.name: _counts(book.worksheets[area.sheet], area) for area in areas}


def _areas(path: Path) -> list[Area]:
    """The tables of all sheets, in order."""
    with zipfile.ZipFile(path) as archive:
        sheets = sorted(
            (int(found[1]), name)
            for name in archive.namelist()
            if (found := re.fullmatch(r"xl/worksheets/_rels/sheet(\d+)\.xml\.rels", name))
        )
        return [
            _area(archive, target, number - 1) for number, name in sheets for target in _targets(archive.read(name))
        ]


def _targets(relations: bytes) -> Iterator[str]:
    from openpyxl.xml.functions import fromstring

    for node in fromstring(relations):
        if str(node.get("Type")).endswith("/table"):
            yield str(node.get("Target")).lstrip("/")


def _area(archive: zipfile.ZipFile, part: str, sheet: int) -> Area:
    from openpyxl.utils import range_boundaries
    from openpyxl.xml.functions import fromstring

    table = fromstring(archive.read(part))
    left, top, right, bottom = range_boundaries(str(table.get("ref")))
    name = str(table.get("displayName"))
    name = "summary" if name == STATUS else name.removeprefix(PREFIX)
    return Area(name, sheet, (int(left or 1), int(right or 1)), (int(top or 1), int(bottom or 1)))


def _counts(sheet: Any, area: Area) -> Counts:
    counts = Counts()
    (left, right), (top, bottom) = area.columns, area.rows
    rows = sheet.iter_rows(top, bottom, left, right)
    titles = [str(cell.value) for cell in next(rows)]
    for row in rows:
        if any(cell.value is not None for cell in row):
            counts.rows += 1
            _sum(counts, titles, row, area.name)
    return counts


def _sum(counts: Counts, titles: Sequence[str], row: Sequence[Any], name: str) -> None:
    for title, cell in zip(titles, row, strict=True):
        if cell.data_type in ("f", "e"):
            raise InvalidRequest(f"table {name} holds a formula or an error", hint="do not open it; write it again")
        if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
            currency = CURRENCY.search(cell.number_format)
            counts.count(f"{title} {currency[1]}" if currency else title, _exact(cell.value))


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
