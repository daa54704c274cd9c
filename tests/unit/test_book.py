"""Workbooks: what stands in their sheets, what must not, and how they print."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime

import pytest

from inventory.report import sheet as sheets
from inventory.report.appendix import Source, sources
from inventory.report.book import write
from inventory.report.cells import VERDICT_COLOURS, contrast, readable_on
from inventory.report.money import money
from inventory.report.parts import Column, Link, Table, Workbook
from inventory.report.template import Template
from ops.errors import InvalidRequest
from tests.unit.reports import AS_OF, MAIN, kinds, made, one_column, opened, part, parts, png, report, summary

SHEETS = ["Summary", "Register", "By kind", "Custody", "Definitions", "Sources", "Provenance"]


@pytest.fixture(scope="module")
def content() -> bytes:
    return made(report(), Template("Example Ltd", png()))


def sheet(content: bytes, title: str) -> object:
    return part(content, f"xl/worksheets/sheet{SHEETS.index(title) + 1}.xml")


def test_the_sheets_are_there_in_order_visible_and_the_first_is_open_at_its_first_cell(content: bytes) -> None:
    again = opened(content)
    assert again.sheetnames == SHEETS
    assert {one.sheet_state for one in again} == {"visible"}
    assert again.active.title == "Summary"
    assert [one.sheet_view.tabSelected for one in again] == [True, *[None] * 6]
    assert {one.sheet_view.selection[-1].activeCell for one in again} == {"A1"}


def test_every_table_is_a_real_one_with_bands_filter_and_a_name_of_its_own(content: bytes) -> None:
    tables = {table.displayName: table for one in opened(content) for table in one.tables.values()}
    assert sorted(tables) == sorted(
        ["status_of_summary", *(f"tbl_{n}" for n in "register kinds custody definitions sources provenance".split())]
    )
    assert {table.tableStyleInfo.showRowStripes for table in tables.values()} == {True}
    assert all(table.autoFilter.ref == table.ref for table in tables.values())
    assert tables["tbl_register"].ref == "A1:L31"
    assert tables["tbl_custody"].ref == "A1:B2"  # a table needs a row even if there is none


def test_a_tables_columns_are_called_as_the_cells_above_them(content: bytes) -> None:
    for one in opened(content):
        for table in one.tables.values():
            head = one[table.ref][0]
            assert [cell.value for cell in head] == [column.name for column in table.tableColumns]


def test_no_table_has_merged_cells(content: bytes) -> None:
    again = opened(content)
    assert all(not one.merged_cells.ranges for one in again.worksheets[1:])
    status = again["Summary"].tables["status_of_summary"].ref
    top, bottom = (int(number) for number in re.findall(r"\d+", status))
    assert not [one for one in again["Summary"].merged_cells.ranges if top <= one.min_row <= bottom]


def test_nothing_runs_nothing_leads_out_and_nothing_is_hidden(content: bytes) -> None:
    assert not [
        name for name in parts(content) if re.search("vba|external|macro|activeX|customUI|embeddings", name, re.I)
    ]
    relations = b"".join(zipfile.ZipFile(io.BytesIO(content)).read(n) for n in parts(content) if n.endswith(".rels"))
    assert b"External" not in relations
    assert b"hidden" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/workbook.xml").replace(b'"visible"', b"")


def test_there_is_no_formula_in_any_cell_of_any_sheet(content: bytes) -> None:
    for name in (one for one in parts(content) if one.startswith("xl/worksheets/sheet")):
        cells = list(part(content, name).iter(f"{MAIN}c"))
        assert cells
        assert {cell.get("t") for cell in cells} <= {"inlineStr", "n"}
        assert not [cell for cell in cells if cell.find(f"{MAIN}f") is not None]


def test_every_sheet_prints_on_a4_landscape_one_page_wide_with_its_foot(content: bytes) -> None:
    foot = "Page &P of &N | Internal && secret | ev-1 | as of 2026-11-22 10:00 UTC"
    for title in SHEETS:
        one = opened(content)[title]
        assert (one.page_setup.orientation, int(one.page_setup.paperSize)) == ("landscape", 9)
        assert one.sheet_properties.pageSetUpPr.fitToPage
        assert int(one.page_setup.fitToWidth) == 1
        assert int(one.page_setup.fitToHeight) == (1 if title == "Summary" else 0)
        assert sheet(content, title).findtext(f"{MAIN}headerFooter/{MAIN}oddFooter") == f"&C&8 {foot}"  # type: ignore[attr-defined]
        assert title == "Summary" or one.print_title_rows == "$1:$1"
        assert title == "Summary" or one.freeze_panes in ("A2", "B2")


def test_a_foot_stays_within_what_a_page_takes_whatever_is_in_it() -> None:
    workbook = Workbook("&" * 300, "s", AS_OF, "&P&D" * 90, "&Z" * 90, "p", [kinds()])
    foot = part(made(workbook), "xl/worksheets/sheet1.xml").findtext(f"{MAIN}headerFooter/{MAIN}oddFooter")
    assert foot.replace("&&", "").count("&") == 4  # where it stands, size, page, pages: nothing of the text's own
    assert len(opened(made(workbook)).worksheets[0].oddFooter.center.text) <= 400


def test_values_are_of_their_kind_and_shown_in_its_format(content: bytes) -> None:
    row = opened(content)["Register"][2]
    assert [cell.value for cell in row] == [
        *("00001", "server", "Person 1", "missing", 1.25, 1000, 0.005, 0.33),
        *(datetime(2024, 2, 2), datetime(2026, 11, 11), datetime(2026, 11, 22, 9, 0), "note 1"),
    ]
    assert [cell.number_format for cell in row] == [
        *("General", "General", "General", "General", r"#,##0.00\ [$USD]_)", "#,##0_)", "0.0%_)", "#,##0.00_)"),
        *("yyyy-mm-dd", 'yyyy-mm-dd" late"', "yyyy-mm-dd hh:mm", "General"),
    ]


def test_each_currency_shows_its_letters_and_its_own_decimals() -> None:
    amounts = [money("5", "JPY"), money("5.125", "KWD"), money("5.25", "EUR")]
    column = opened(made(one_column(amounts, "money"))).worksheets[0]["A"][1:4]
    assert [cell.number_format for cell in column] == [
        r"#,##0\ [$JPY]_)",
        r"#,##0.000\ [$KWD]_)",
        r"#,##0.00\ [$EUR]_)",
    ]


def test_a_due_date_is_late_only_before_the_day_of_the_report() -> None:
    days = [date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)]
    column = opened(made(one_column(days, "due"))).worksheets[0]["A"][1:4]
    assert ["late" in cell.number_format for cell in column] == [True, False, False]


def test_a_date_that_spreadsheets_count_wrongly_stands_as_text() -> None:
    column = opened(made(one_column([date(1900, 2, 28), date(1900, 3, 1)], "date"))).worksheets[0]["A"][1:3]
    assert [cell.value for cell in column] == ["1900-02-28", datetime(1900, 3, 1)]


def test_a_verdict_is_a_word_and_a_colour_and_an_unexplained_or_missing_one_is_never_green() -> None:
    words = ["PASS", "found", "fail", "banana", None, "UNKNOWN"]
    table = Table("t", "T", (Column("A"), Column("V", "verdict", meaning={"found": "PASS"})), [("x", w) for w in words])
    column = opened(made(Workbook("T", "S", AS_OF, "e", "c", "p", [table]))).worksheets[0]["B"][1:7]
    assert [cell.value for cell in column] == ["PASS", "found", "fail", "banana", "UNKNOWN", "UNKNOWN"]
    fills = [cell.fill.start_color.rgb[2:] for cell in column]
    meant = ["PASS", "PASS", "FAIL", "UNKNOWN", "UNKNOWN", "UNKNOWN"]
    assert fills == [VERDICT_COLOURS[word][0] for word in meant]


def test_every_verdict_is_readable_in_its_colour_and_unknown_is_grey() -> None:
    assert all(contrast(fill, ink) >= 4.5 for fill, ink in VERDICT_COLOURS.values())
    red, green, blue = bytes.fromhex(VERDICT_COLOURS["UNKNOWN"][0])
    assert max(red, green, blue) - min(red, green, blue) < 16


@pytest.mark.parametrize("fill", ["000000", "FFFFFF", "FFFF00", "0000FF", "777777", "1F4E79", "FF0000"])
def test_a_tables_head_is_readable_on_any_colour_a_template_has(fill: str) -> None:
    assert contrast(fill, readable_on(fill)) >= 4


def test_totals_are_written_as_numbers_below_the_table_by_currency_and_say_what_they_leave_out(content: bytes) -> None:
    foot = [row for row in opened(content)["Register"].iter_rows(32, values_only=True) if any(row)]
    paid = [n for n in range(1, 31) if n % 7]
    assert [(row[0], row[4], row[5]) for row in foot[:2]] == [
        ("Total EUR", sum(n + 0.25 for n in paid if n % 2 == 0), sum(range(1, 31)) * 1000),
        ("Total USD", sum(n + 0.25 for n in paid if n % 2), None),
    ]
    assert [row[0] for row in foot[2:]] == [
        "Cost: 4 of 30 rows have no value and are not in the total.",
        "Cost without tax.",
    ]


def test_a_table_without_rows_says_so(content: bytes) -> None:
    assert "No rows." in [row[0] for row in opened(content)["Custody"].iter_rows(values_only=True)]


def test_a_link_leads_to_another_sheet_and_one_to_nowhere_is_text() -> None:
    table = Table("t", "T's", (Column("L", "link"),), [(Link("here", "t"),), (Link("gone", "x"),), ("plain",)])
    found = part(made(Workbook("T", "S", AS_OF, "e", "c", "p", [table])), "xl/worksheets/sheet1.xml")
    assert [(one.get("ref"), one.get("location")) for one in found.iter(f"{MAIN}hyperlink")] == [("A2", "'T''s'!A1")]


def test_no_more_links_are_made_than_a_sheet_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_LINKS", 3)
    table = Table("t", "T", (Column("A", "link"), Column("B")), [(Link("x", "t"), "y")] * 5)
    found = part(made(Workbook("T", "S", AS_OF, "e", "c", "p", [table])), "xl/worksheets/sheet1.xml")
    assert [one.get("ref") for one in found.iter(f"{MAIN}hyperlink")] == ["A2", "A3", "A4"]


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    assert made(one_column(["x"] * 3))
    with pytest.raises(InvalidRequest, match="table t has more than 3 rows"):
        made(one_column(["x"] * 4))


def test_nobody_is_asked_to_save_a_report_that_was_only_looked_at(content: bytes) -> None:
    calculation = part(content, "xl/workbook.xml").find(f"{MAIN}calcPr")
    assert calculation.get("fullCalcOnLoad") in (None, "0")


def test_a_source_that_was_not_asked_is_unknown_and_one_with_failures_is_no_pass() -> None:
    given = [Source("a", None), Source("b", True), Source("c", True, failures=1), Source("d", False)]
    column = opened(made(Workbook("T", "S", AS_OF, "e", "c", "p", [sources(given)]))).worksheets[0]["B"][1:5]
    assert [cell.value for cell in column] == ["UNKNOWN", "PASS", "WARN", "FAIL"]


def test_identifiers_of_digits_are_text_and_not_marked_as_a_mistake(content: bytes) -> None:
    told = [
        (one.get("sqref"), one.get("numberStoredAsText"))
        for one in sheet(content, "Register").iter(f"{MAIN}ignoredError")
    ]  # type: ignore[attr-defined]
    assert told == [("A2:A31", "1"), ("B2:B31", "1")]


def test_choices_are_offered_and_bars_drawn(content: bytes) -> None:
    again = opened(content)["Register"]
    assert [(str(one.sqref), one.formula1) for one in again.data_validations.dataValidation] == [
        ("B2:B31", '"laptop,server"')
    ]
    assert [str(one.sqref) for one in again.conditional_formatting] == ["G2:G31"]


def test_a_row_with_a_long_note_is_as_high_as_it_needs_and_others_are_left_alone() -> None:
    again = opened(made(one_column(["short", "word " * 40, "a\nb"], "note", width=50))).worksheets[0]
    assert [again.row_dimensions[row].height for row in (2, 3, 4)] == [None, 57, 29]


def test_a_generator_serves_one_file_and_refuses_to_be_empty_the_second_time() -> None:
    table = Table("t", "T", (Column("A"),), (("x",) for _ in range(3)))
    workbook = Workbook("T", "S", AS_OF, "e", "c", "p", [table])
    assert write(workbook, io.BytesIO())["t"].rows == 3
    with pytest.raises(InvalidRequest, match="were read before"):
        made(workbook)


def test_a_time_zone_is_needed_and_the_report_is_as_of_utc() -> None:
    with pytest.raises(InvalidRequest, match="no time zone"):
        Workbook("T", "S", datetime(2026, 1, 1), "e", "c", "p", [kinds()])
    assert summary().charts
    assert Workbook("T", "S", datetime(2026, 1, 1, 0, 30, tzinfo=UTC), "e", "c", "p", [kinds()]).moment.endswith("UTC")
