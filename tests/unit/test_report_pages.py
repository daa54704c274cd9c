"""How reports print: no page that only says none, no sheet too wide to read, no chart full of noughts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory.register.store import Register
from inventory.report import access, making
from inventory.report.book import release
from inventory.report.gathering import NAME, TITLE, gathered
from inventory.report.inputs import Account, Inputs
from inventory.report.page import READABLE
from inventory.report.parts import Chart, Column, Summary, Table, Workbook
from inventory.report.template import Template
from tests.unit import report_estate as estate
from tests.unit.report_estate import inputs
from tests.unit.reports import AS_OF, made, opened, part, report

WIDE = 182  # characters: 10 points are printed at 8 then
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
ALWAYS = {"Summary", "Definitions", "Sources", "Provenance"}


@pytest.fixture(params=[True, False], ids=["filled", "empty"])
def register(tmp_path: Path, request: Any) -> Iterator[Register]:
    found = estate.register(tmp_path, filled=request.param)
    yield found
    found.close()


def workbooks(register: Register) -> Iterator[tuple[str, Workbook]]:
    """All reports, with the table each keeps in any case."""
    with register.reading() as seen:
        for kind, main in making.MAIN.items():
            yield main, making.build(seen, inputs(seen, kind))


def test_every_sheet_of_every_report_can_be_read_on_one_page(register: Register) -> None:
    wide = {
        f"{workbook.title}: {table.title}": sum(column.wide for column in table.columns)
        for _, workbook in workbooks(register)
        for table in workbook.tables
    }
    assert {title: width for title, width in wide.items() if width > WIDE} == {}


def test_no_printed_sheet_is_empty_and_each_that_is_gone_is_named_with_why(register: Register, tmp_path: Path) -> None:
    for main, workbook in workbooks(register):
        path = tmp_path / f"{workbook.title}.xlsx"
        making.export(workbook, path, main, Template(), {})
        book = opened(path.read_bytes())
        empty = [sheet.title for sheet in book if sheet.title not in ALWAYS and sheet["A2"].value is None]
        first = next(table.title for table in workbook.tables if table.name == main)
        assert set(empty) <= {first}
        told = _told(book)
        assert set(told) | set(book.sheetnames) >= {table.title for table in workbook.tables}
        assert set(told).isdisjoint(book.sheetnames)
        assert not told or book.sheetnames[-4:] == [TITLE, "Definitions", "Sources", "Provenance"]


def _told(book: Any) -> dict[str, str]:
    """What stands on the sheet of those that are gone: title → why."""
    rows = book[TITLE].iter_rows(2, values_only=True) if TITLE in book.sheetnames else ()
    return {row[0]: row[1] for row in rows if row[1]}


def test_what_nobody_knows_is_not_told_as_none() -> None:
    workbook = access.workbook(Inputs("access", estate.AS_OF, "R", unasked="there is no directory"))
    rows = next(table for table in gathered(workbook, "accounts").tables if table.name == NAME).rows
    assert ("Memberships", "UNKNOWN: there is no directory.") in list(rows)  # type: ignore[arg-type]
    seen = access.workbook(Inputs("access", estate.AS_OF, "R", accounts=(Account("amy", "Amy", True, "yes"),)))
    assert ("Memberships", "None.") in list(
        next(table for table in gathered(seen, "accounts").tables if table.name == NAME).rows  # type: ignore[arg-type]
    )


def test_a_report_without_empty_tables_stays_as_it_is_and_so_do_charted_and_unread_ones() -> None:
    columns = (Column("A"), Column("N", "integer"))
    chart = Chart("bar", "C", "none", "drawn", "A", ("N",))
    unread = (row for row in ())
    empty = [Table(name, name.capitalize(), columns, []) for name in ("main", "drawn")]
    tables = (*empty, Table("u", "U", columns, unread))
    workbook = Workbook("T", "S", AS_OF, "e", "c", "p", (Summary("s", charts=(chart,)), *tables))
    assert gathered(workbook, "main") is workbook
    assert [table.name for table in gathered(workbook, "other").tables] == ["drawn", "u", NAME]


def test_a_nought_has_no_label_in_a_chart_of_bars_and_every_other_value_has() -> None:
    columns = (Column("Month", "id"), Column("N", "integer"))
    table = Table("months", "Months", columns, [("01", 3), ("02", 0), ("03", None), ("04", 1)])
    chart = Chart("column", "C", "3 and 1", "months", "Month", ("N",))
    content = made(Workbook("T", "S", AS_OF, "e", "c", "p", (Summary("s", charts=(chart,)), table)))
    labels = part(content, "xl/charts/chart1.xml").find(f".//{DRAWING}dLbls")
    silent = {one.find(f"{DRAWING}idx").get("val"): one.find(f"{DRAWING}showVal").get("val")
              for one in labels.findall(f"{DRAWING}dLbl")}  # fmt: skip
    assert (silent, labels.find(f"{DRAWING}showVal").get("val")) == ({"1": "0"}, "1")


def test_a_table_too_wide_for_one_page_is_printed_on_several_with_its_first_column_on_each(tmp_path: Path) -> None:
    columns = [Column(f"Column {number}", width=20) for number in range(53)]
    table = Table("register", "Register", columns, [[str(number) for number in range(53)]])
    release(Workbook("T", "S", AS_OF, "e", "c", "p", (table,)), tmp_path / "w.xlsx")
    sheet = opened((tmp_path / "w.xlsx").read_bytes())["Register"]
    assert int(sheet.page_setup.fitToWidth) == -(-53 * 20 // READABLE) == 5
    assert (sheet.print_title_cols, sheet.page_setup.pageOrder) == ("$A:$A", "overThenDown")


def test_titles_of_two_words_stand_on_two_lines_that_are_both_seen() -> None:
    columns = (Column("Given to nobody", "integer", 10), Column("Tag", "id"))
    content = made(Workbook("T", "S", AS_OF, "e", "c", "p", (Table("t", "T", columns, [(1, "a")]),)))
    sheet = opened(content)["T"]
    assert sheet.column_dimensions["A"].width == 10
    assert sheet.row_dimensions[1].height >= 2 * 14
    assert opened(made(report()))["Register"].row_dimensions[1].height < 2 * 14


def test_text_keeps_away_from_the_number_on_its_left() -> None:
    cells = next(opened(made(report()))["Register"].iter_rows(2, 2))
    left = [cell for cell in cells if cell.data_type == "s" and cell.alignment.horizontal == "left"]
    assert {cell.alignment.indent for cell in left} == {1}
