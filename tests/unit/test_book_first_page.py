"""The first page of a workbook, its charts, its names and colours."""

from __future__ import annotations

from datetime import datetime

import pytest

from inventory.report.money import money
from inventory.report.parts import Chart, Column, Light, Summary, Table, Tile, Workbook
from inventory.report.template import Template
from ops.errors import InvalidRequest
from tests.unit.reports import AS_OF, made, opened, part, png, report


@pytest.fixture(scope="module")
def content() -> bytes:
    return made(report(), Template("Example Ltd", png()))


def test_the_first_page_shows_figures_as_values_and_what_they_were(content: bytes) -> None:
    page = [cell.value for row in opened(content)["Summary"].iter_rows() for cell in row if cell.value is not None]
    for shown in (
        "Assets",
        990,
        "▲ was 985",
        0.963,
        "WARN · ▼ was 97.0%",
        10.5,
        "was 12.00 USD",
        "not known",
        "not named",
    ):
        assert shown in page
    assert {"1. Approve the write-off.", "1. Phones."} <= set(page)


def test_without_charts_the_decisions_stand_beside_the_figures_if_there_is_room() -> None:
    tiles = tuple(Tile(f"T{n}", n) for n in range(8))
    page = opened(made(report(first=Summary("s", tiles, decisions=("Buy.",))))).worksheets[0]
    assert [cell.value for cell in page["D"] if cell.value] == [
        *("Decisions asked of you", "1. Buy.", "What this does not cover", "Nothing is known to be left out."),
    ]
    assert "Status: UNKNOWN. Nothing was compared." in [cell.value for cell in page["A"]]


def test_without_charts_long_decisions_stand_below_so_that_no_figure_is_pushed_apart() -> None:
    tiles = tuple(Tile(f"T{n}", n) for n in range(8))
    page = opened(made(report(first=Summary("s", tiles, decisions=["Buy more of it. " * 12] * 6)))).worksheets[0]
    assert not [cell.value for cell in page["D"] if cell.value]
    assert "Decisions asked of you" in [cell.value for cell in page["A"]]


def test_charts_say_in_words_what_they_show_and_carry_their_figures(content: bytes) -> None:
    drawing = part(content, "xl/drawings/drawing1.xml")
    words = [node.get("descr") for node in drawing.iter() if str(node.tag).endswith("}cNvPr")]
    assert words == ["Laptops 8, servers 3.", "8 and 3 euros.", "Logo of Example Ltd"]
    chart = part(content, "xl/charts/chart1.xml")
    values = [node.text for node in chart.iter() if str(node.tag).endswith("}v")]
    assert values == ["In use", "laptop", "server", "8", "3", "Missing", "laptop", "server", "1"]
    assert [node.text for node in chart.iter() if str(node.tag).endswith("}f")][2] == "'By kind'!$B$2:$B$3"


def test_two_series_differ_without_colour(content: bytes) -> None:
    bars = part(content, "xl/charts/chart1.xml")
    assert [n.get("prst") for n in bars.iterfind(".//{*}ser/{*}spPr/{*}pattFill")] == ["wdUpDiag"]
    kinds_and_values = Chart("line", "Two", "Two lines.", "kinds", "Kind", ("In use", "Missing"))
    lines = part(made(report(first=Summary("s", charts=(kinds_and_values,)))), "xl/charts/chart1.xml")
    assert [n.get("val") for n in lines.iterfind(".//{*}ser/{*}spPr/{*}ln/{*}prstDash")] == ["solid", "dash"]
    assert [n.get("val") for n in lines.iterfind(".//{*}ser/{*}marker/{*}symbol")] == ["circle", "square"]


def test_bars_start_at_zero_so_that_their_lengths_compare(content: bytes) -> None:
    axis = [node for node in part(content, "xl/charts/chart1.xml").iter() if str(node.tag).endswith("}valAx")]
    assert [n.get("val") for n in axis[0].iter() if str(n.tag).endswith("}min")] == ["0"]


def test_the_file_says_who_made_it_and_when_the_figures_held(content: bytes) -> None:
    about = opened(content).properties
    assert (about.title, about.subject, about.creator) == ("Assets", "Example Ltd", "Amy Ng")
    assert about.created == about.modified == datetime(2026, 11, 22, 10, 0)


def test_a_template_names_sheets_and_colours_heads() -> None:
    again = opened(
        made(report(), Template("Org", accent="#FFCC00", sheets={"register": "Inventar", "summary": "Kurz"}))
    )
    assert again.sheetnames[:3] == ["Kurz", "Inventar", "By kind"]
    assert again["Inventar"]["A1"].fill.start_color.rgb == "FFFFCC00"
    assert again["Inventar"]["A1"].font.color.rgb == "FF1B1F24"


def test_two_sheets_of_one_name_are_refused_also_by_way_of_a_template() -> None:
    with pytest.raises(InvalidRequest, match="two sheets are called"):
        made(report(), Template(sheets={"register": "SUMMARY"}))


def test_a_chart_of_many_rows_is_refused_before_they_are_held() -> None:
    many = Table("kinds", "K", (Column("Kind"), Column("In use", "integer")), (("x", 1) for _ in range(10**9)))
    chart = Chart("bar", "C", "words", "kinds", "Kind", ("In use",))
    with pytest.raises(InvalidRequest, match="more than 40 rows"):
        made(Workbook("T", "S", AS_OF, "e", "c", "p", [Summary("s", charts=(chart,)), many]))


def test_a_chart_of_two_currencies_is_refused() -> None:
    table = Table("k", "K", (Column("A"), Column("B", "money")), [("x", money("1", "EUR")), ("y", money("1", "USD"))])
    chart = Chart("bar", "C", "words", "k", "A", ("B",))
    with pytest.raises(InvalidRequest, match="more than one currency"):
        made(Workbook("T", "S", AS_OF, "e", "c", "p", [Summary("s", charts=(chart,)), table]))


def test_a_status_line_counts_twenty_words_and_a_page_holds_what_is_still_read() -> None:
    Light("a", "PASS", "word " * 20)
    with pytest.raises(InvalidRequest, match="21 words"):
        Light("a", "PASS", "word " * 21)
    with pytest.raises(InvalidRequest, match="9 tiles"):
        Summary("s", tiles=[Tile("t", 1)] * 9)
