"""Tables in workbooks: what a sheet shows, never what it would calculate, and nothing that unpacks without end."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from inventory.taking_in import zip_guard
from inventory.taking_in.rows import Mistake, Options, Row
from inventory.taking_in.table import open_table, rows_of
from inventory.taking_in.xlsx_rows import MOST_ROWS
from ops.errors import InvalidRequest

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(path: Path, *rows: list[Any], sheets: dict[str, list[list[Any]]] | None = None) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Assets"
    for row in rows:
        sheet.append(row)
    for name, more in (sheets or {}).items():
        other = book.create_sheet(name)
        for row in more:
            other.append(row)
    book.save(path)
    return path


def rewritten(path: Path, changes: dict[str, bytes], **how: int) -> Path:
    """The same workbook with other parts in it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()} | changes
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **how) as archive:  # type: ignore[arg-type]
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def sheet_of(*rows: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'.encode()


def text_row(number: int, *cells: str) -> str:
    inside = "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>' for at, cell in enumerate(cells)
    )
    return f'<row r="{number}">{inside}</row>'


def refused(path: Path, **options: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        list(rows_of(path, Options(**options)))
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


def test_cells_come_out_as_they_are_seen(tmp_path: Path) -> None:
    row = [4711, 1299.5, 3.0, date(2026, 11, 25), datetime(2026, 11, 25, 14, 30), True, None, "  x ", 353000000000001]
    path = workbook(tmp_path / "a.xlsx", [f"c{n}" for n in range(len(row))], row)
    (only,) = rows_of(path)
    assert isinstance(only, Row)
    assert (only.number, list(only.cells.values())) == (
        2,
        ["4711", "1299.5", "3", "2026-11-25", "2026-11-25 14:30:00", "yes", "", "  x ", "353000000000001"],
    )


def test_the_first_sheet_is_read_or_the_named_one_and_the_others_are_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Tag"], ["1"], sheets={"Old": [["Tag"], ["9"]]})
    assert open_table(path).said == ("XLSX, sheet Assets; not read: Old",)
    assert [row.cells["Tag"] for row in rows_of(path, Options(sheet="old")) if isinstance(row, Row)] == ["9"]
    error = refused(path, sheet="New")
    assert (str(error), error.hint) == ("a.xlsx has no sheet New", "there are: Assets, Old")


def test_a_hidden_sheet_is_not_the_first(tmp_path: Path) -> None:
    book = Workbook()
    hidden, seen = book.active, book.create_sheet("Seen")
    assert hidden is not None
    hidden.sheet_state = "hidden"
    hidden.append(["Secret"])
    seen.append(["Tag"])
    book.save(tmp_path / "a.xlsx")
    assert open_table(tmp_path / "a.xlsx").columns == ("Tag",)


def test_empty_rows_above_between_and_short_rows_do_no_harm(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [], ["Tag", "Model", "Notes"], [], ["1"], [None, None, None], ["2", "x"])
    assert [(row.number, *row.cells.values()) for row in rows_of(path) if isinstance(row, Row)] == [
        (4, "1", "", ""),
        (6, "2", "x", ""),
    ]


def test_a_formula_that_shows_nothing_is_a_mistake_and_is_never_calculated(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Tag", "Name"], ["1", '=HYPERLINK("http://x","Amy")'], ["2", "Ben"])
    found = list(rows_of(path))
    assert str(found[0]) == (
        "line 2, Name: the cell has a formula that shows nothing yet, "
        'found \'=HYPERLINK("http://x","Amy")\', expected the text itself'
    )
    assert isinstance(found[1], Row)


def test_what_a_formula_showed_when_the_file_was_saved_is_its_text(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Tag", "Name"])
    formula = '<row r="2"><c r="A2" t="str"><f>A9&amp;"x"</f><v>LAP-1</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>'
    rewritten(path, {SHEET: sheet_of(text_row(1, "Tag", "Name"), formula)})
    assert [row.cells for row in rows_of(path) if isinstance(row, Row)] == [{"Tag": "LAP-1", "Name": "2"}]


def test_a_formula_that_ended_in_an_error_is_a_mistake_and_the_same_as_text_is_text(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Tag", "Name"])
    error = '<row r="2"><c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    rewritten(path, {SHEET: sheet_of(text_row(1, "Tag", "Name"), error, text_row(3, "#N/A", "=1+1"))})
    found = list(rows_of(path))
    assert isinstance(found[0], Mistake)
    assert "ended in an error, found '#DIV/0!'" in str(found[0])
    assert isinstance(found[1], Row)
    assert found[1].cells == {"Tag": "#N/A", "Name": "=1+1"}


def test_a_number_too_long_for_excel_is_not_taken_for_a_serial(tmp_path: Path) -> None:
    found = list(rows_of(workbook(tmp_path / "a.xlsx", ["Serial"], [1234567890123456789])))
    assert isinstance(found[0], Mistake)
    assert "more than 15 digits, of which Excel lost the end" in found[0].why


def test_a_day_outside_the_calendar_is_a_mistake(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Tag", "Purchased"], ["1", date(2026, 11, 25)])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read(SHEET)
    rewritten(path, {SHEET: sheet.replace(b"<v>46351</v>", b"<v>99999999999</v>")})
    (only,) = rows_of(path)
    assert isinstance(only, Mistake)
    assert only.column == "Purchased"


def test_a_sheet_that_does_not_state_its_size_is_read_once_and_not_before(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Tag"])
    rewritten(path, {SHEET: sheet_of(text_row(1, "Tag"), *(text_row(n, "x") for n in range(2, 2000)), "<broken")})
    table = open_table(path)
    assert [row.number for row, _ in zip(table.rows(), range(3), strict=False)] == [2, 3, 4]
    assert "is a damaged workbook" in str(refused(path))


def bomb(path: Path, size: int = 200 << 20) -> Path:
    """A workbook with a part of zeros, which packs to a thousandth."""
    workbook(path, ["Tag"], ["1"])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(size >> 20):
            part.write(b" " * (1 << 20))
    return path


def test_a_zip_bomb_is_refused_before_anything_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bomb(tmp_path / "bomb.xlsx")
    unpacked: list[str] = []
    monkeypatch.setattr(zip_guard, "_pieces", lambda _archive, info: unpacked.append(info.filename) or iter(()))
    tracemalloc.start()
    began = time.monotonic()
    error = refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "times its size" in str(error)
    assert unpacked == []
    assert peak < 2 << 20
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("LARGEST_MEMBER", 1 << 16, "a part unpacks to"),
        ("LARGEST_TOTAL", 1 << 16, "unpacks to"),
        ("LARGEST_STRINGS", 1 << 10, "holds more text than"),
        ("MOST_MEMBERS", 5, "more than 5 parts"),
    ],
)
def test_each_limit_of_what_is_unpacked_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, said: str
) -> None:
    rows = [[f"text number {n} {'x' * n}" for n in range(200)] for _ in range(20)]
    path = workbook(tmp_path / "a.xlsx", [f"c{n}" for n in range(200)], *rows)
    texts = f'<?xml version="1.0"?>\n<x:sst xmlns:x="{MAIN}">{"<x:si><x:t>much</x:t></x:si>" * 99}</x:sst>'
    rewritten(path, {"xl/texts.xml": texts.encode()})
    assert len(list(rows_of(path))) == 20
    monkeypatch.setattr(zip_guard, limit, value)
    assert said in str(refused(path))


def test_a_false_size_in_the_directory_does_not_let_more_out(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", *[[f"c{n}"] for n in range(3000)])
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02", 0, content.index(SHEET.encode(), content.index(b"PK\x01\x02")))
    assert content[at + 46 : at + 46 + len(SHEET)] == SHEET.encode()
    struct.pack_into("<I", content, at + 24, 100)  # the size unpacked, as the directory says it
    path.write_bytes(content)
    assert "is not a whole workbook" in str(refused(path))


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "[Content_Types].xml"])
def test_a_document_type_is_refused_since_it_can_grow_without_end(tmp_path: Path, part: str) -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    path = rewritten(workbook(tmp_path / "a.xlsx", ["Tag"]), {part: b"<!--" + b"x" * 65_525 + b"-->" + laughs})
    assert "declares a document type" in str(refused(path))


def test_rows_without_end_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Tag"])
    rewritten(path, {SHEET: sheet_of(text_row(1, "Tag"), text_row(MOST_ROWS * 1000, "x"))})
    assert "more cells than can be read" in str(refused(path))


def test_what_a_sheet_says_of_its_own_size_is_not_believed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Tag"])
    false = sheet_of(text_row(1, "Tag", "Model"), text_row(2, "1", "2"))
    rewritten(path, {SHEET: false.replace(b"<sheetData>", b'<dimension ref="A1:A1"/><sheetData>')})
    assert [row.cells for row in rows_of(path) if isinstance(row, Row)] == [{"Tag": "1", "Model": "2"}]


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (zip_guard.OLE + b"\0" * 600, "it is an old .xls or has a password; save it as XLSX or CSV without one"),
        (b"PK\x03\x04" + b"\0" * 100, "save it again, or copy it again if it was cut off"),
    ],
)
def test_old_encrypted_and_cut_off_workbooks_get_their_own_advice(tmp_path: Path, content: bytes, hint: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    error = refused(path)
    assert (str(error), error.hint) == ("a.xlsx is not a whole workbook", hint)


def test_a_workbook_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "a.xlsx", ["Tag"], ["1"]).read_bytes()
    for share in range(1, 10):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(whole[: len(whole) * share // 10])
        assert "is not a whole workbook" in str(refused(path))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["mimetype", "content.xml"], "is a file of LibreOffice"),
        (["xl/workbook.bin"], "is a binary workbook"),
        (["photo.jpg"], "is a ZIP file and no workbook"),
    ],
)
def test_other_files_that_are_zip_files_get_their_own_advice(tmp_path: Path, names: list[str], said: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    (tmp_path / "a.zip").write_bytes(made.getvalue())
    assert said in str(refused(tmp_path / "a.zip"))


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET])
@pytest.mark.parametrize("content", [b"", b"<broken", b"<worksheet/>", b"plain text"])
def test_a_damaged_part_is_a_refusal_and_never_a_traceback(tmp_path: Path, part: str, content: bytes) -> None:
    path = rewritten(workbook(tmp_path / "a.xlsx", ["Tag"], ["1"]), {part: content})
    assert refused(path).hint
