"""Values of a table: what each kind of column takes, what it refuses, and what it adds up to."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.currency import places
from inventory.report.book import write
from inventory.report.money import Money, money
from inventory.report.parts import Chart, Column, Light, Summary, Table, Tile, Workbook, check_sheet_name
from inventory.report.plain import as_json, csv_text, write_csv
from inventory.report.reopened import reopened
from inventory.report.values import Counts, typed, verdict_of
from ops.errors import InvalidRequest
from tests.unit.reports import AS_OF, kinds, one_column, report


def read(kind: str, value: object, **options: object) -> object:
    """One value as a column of a kind takes it; a second column keeps the row from being empty."""
    columns = (Column("Value", kind, **options), Column("Other"))  # type: ignore[arg-type]
    return next(typed(Table("t", "T", columns, [(value, "x")])))[0]


@pytest.mark.parametrize(
    ("kind", "given", "taken"),
    [
        ("integer", 5, 5),
        ("integer", "5", 5),
        ("integer", Decimal("5.0"), 5),
        ("decimal", "2.675", Decimal("2.68")),
        ("decimal", 2.665, Decimal("2.66")),
        ("decimal", 1e-9, Decimal("0.00")),
        ("percent", 0.33333, Decimal("0.3333")),
        ("date", "2026-11-22", date(2026, 11, 22)),
        ("due", date(2026, 11, 22), date(2026, 11, 22)),
        ("datetime", "2026-11-22T10:00:00+02:00", datetime(2026, 11, 22, 8, tzinfo=UTC)),
        ("datetime", datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))), datetime(2025, 12, 31, 23, tzinfo=UTC)),
        ("text", "", None),
        ("money", None, None),
        ("verdict", None, "UNKNOWN"),
        ("verdict", "", "UNKNOWN"),
    ],
)
def test_a_kind_takes_what_it_is_made_for(kind: str, given: object, taken: object) -> None:
    assert read(kind, given) == taken


@pytest.mark.parametrize(
    ("kind", "given", "word"),
    [
        ("integer", "5.5", "no whole number"),
        ("integer", True, "no number"),
        ("integer", "1,000", "no number"),
        ("integer", " 5", "no number"),
        ("integer", "٥", "no number"),
        ("integer", 10**15, "more than 15 digits"),
        ("decimal", float("nan"), "no number"),
        ("decimal", Decimal("Infinity"), "no number"),
        ("decimal", "12345678901234.25", "more than 15 digits"),
        ("money", "5.00", "no currency"),
        ("money", Money(Decimal("12345678901234.25"), "EUR"), "more than 15 digits"),
        ("money", Money(Decimal(10**15), "EUR"), "more than 15 digits"),
        ("date", "22.11.2026", "no date"),
        ("date", "2026-02-30", "no date"),
        ("date", "20261122", "no date"),
        ("date", datetime(2026, 1, 1), "no date"),
        ("datetime", "2026-11-22 10:00", "no time zone"),
        ("datetime", "soon", "no time"),
        ("text", 5, "no text"),
        ("id", 12, "no text"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(kind: str, given: object, word: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^table t row 1, Value: .*{word}") as error:
        read(kind, given)
    assert error.value.hint


def test_a_wrong_value_cannot_fill_the_screen() -> None:
    with pytest.raises(InvalidRequest) as error:
        read("date", "x\n\x1b[31m" * 1000)
    assert len(str(error.value)) < 120
    assert str(error.value).isprintable()


@pytest.mark.parametrize("row", [("a",), ("a", "b", "c"), ()])
def test_a_row_of_another_length_is_refused(row: tuple[str, ...]) -> None:
    with pytest.raises(InvalidRequest, match=f"row 1 has {len(row)} values for 2 columns"):
        list(typed(Table("t", "T", (Column("A"), Column("B")), [row])))


def test_an_empty_row_is_refused_since_it_would_not_be_counted_when_read_back() -> None:
    with pytest.raises(InvalidRequest, match="row 1 is empty"):
        list(typed(Table("t", "T", (Column("A"), Column("B", "integer")), [("", None)])))


@pytest.mark.parametrize(
    ("amount", "currency"), [("1.005", "EUR"), ("1.5", "JPY"), ("1", "euro"), ("1", ""), ("1e3", "EUR"), ("1,5", "EUR")]
)
def test_an_amount_finer_than_its_currency_or_without_one_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(InvalidRequest):
        money(amount, currency)


def test_an_amount_that_is_not_known_is_none_and_each_currency_has_its_decimals() -> None:
    assert money("", "EUR") is None
    assert [places(code) for code in ("EUR", "JPY", "KWD", "CLF", "ZZZ")] == [2, 0, 3, 4, 2]


@pytest.mark.parametrize(
    ("word", "counts_as"), [("PASS", "PASS"), ("pass", "PASS"), ("ok", "WARN"), ("fine", "UNKNOWN"), (None, "UNKNOWN")]
)
def test_a_word_counts_as_what_it_was_explained_to_be(word: object, counts_as: str) -> None:
    assert verdict_of(Column("V", "verdict", meaning={"ok": "WARN"}), word) == counts_as


def test_sums_are_exact_by_currency_and_what_is_missing_is_counted() -> None:
    columns = (Column("C", "money"), Column("N", "integer"))
    counts = Counts()
    for row in typed(Table("t", "T", columns, [(money("0.10", "EUR"), 1), (money("5", "USD"), None), (None, 2)])):
        counts.add(columns, row)
    assert counts == Counts(3, {"C EUR": Decimal("0.10"), "C USD": Decimal(5), "N": Decimal(3)})
    assert counts.missing == {"C": 1, "N": 1}


AMOUNTS = st.lists(
    st.tuples(
        st.decimals(-(10**12), 10**12, places=2).map(lambda number: Money(number, "EUR")) | st.none(),
        st.integers(-(10**15) + 1, 10**15 - 1) | st.none(),
        st.floats(-(10**9), 10**9) | st.none(),
        st.text(min_size=1, max_size=5),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(AMOUNTS)
def test_workbook_csv_and_json_tell_the_same_numbers(
    tmp_path_factory: pytest.TempPathFactory, rows: list[object]
) -> None:
    columns = (
        Column("C", "money", total=True),
        Column("N", "integer", total=True),
        Column("D", "decimal"),
        Column("T"),
    )
    table = Table("t", "T", columns, rows)  # type: ignore[arg-type]
    path = tmp_path_factory.mktemp("same") / "a.xlsx"
    workbook = Workbook("T", "S", AS_OF, "e", "c", "p", [table])
    counts = write(workbook, path)
    lines = list(csv.DictReader(io.StringIO(csv_text(table), newline="")))
    told = json.loads(as_json(workbook))["tables"][0]["rows"]
    for key, title, place in (("C EUR", "C", 0), ("N", "N", 1), ("D", "D", 2)):
        in_csv = [Decimal(line[title]) for line in lines if line[title]]
        in_json = [row[place]["amount"] if place == 0 else row[place] for row in told if row[place] is not None]
        assert sum(in_csv) == sum(map(Decimal, in_json)) == counts["t"].sums.get(key, 0)
    assert reopened(path) == counts
    assert len(lines) == len(told) == counts["t"].rows == len(rows)


def test_csv_has_amounts_beside_their_currency_dates_in_iso_and_crlf() -> None:
    columns = (
        Column("C", "money"),
        Column("D", "date"),
        Column("T", "datetime"),
        Column("P", "percent"),
        Column("N", "integer"),
    )
    rows = [(money("-5.50", "EUR"), "2026-11-22", AS_OF, 0.5, -3), (None, None, None, None, 0)]
    assert csv_text(Table("t", "T", columns, rows)) == (
        "C,C currency,D,T,P,N\r\n-5.50,EUR,2026-11-22,2026-11-22T10:00:00Z,0.5000,-3\r\n,,,,,0\r\n"
    )


def test_csv_marks_utf_8_if_asked_and_counts_its_rows(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as out:
        assert write_csv(kinds(), out, bom=True) == 2
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfKind,In use")
    assert not csv_text(kinds()).startswith("\ufeff")


def test_json_holds_the_whole_report() -> None:
    whole = json.loads(as_json(report()))
    assert (whole["as_of"], whole["evidence"]) == ("2026-11-22T10:00:00Z", "ev-1")
    assert [
        table["name"] for table in whole["tables"]
    ] == "register kinds custody definitions sources provenance".split()
    assert whole["summary"]["figures"][1] == {
        "label": "Matched",
        "value": "0.963",
        "before": "0.970",
        "verdict": "WARN",
    }
    assert whole["summary"]["status"][1]["verdict"] == "UNKNOWN"
    register = whole["tables"][0]
    assert register["rows"][0][:7] == [
        *("00001", "server", "Person 1", "missing", {"amount": "1.25", "currency": "USD"}, 1000, "0.005")
    ]
    assert json.loads(as_json(report(first=Summary("s"))))["summary"]["figures"] == []


@pytest.mark.parametrize(
    "name", ["", "x" * 32, "a/b", "a:b", "[a]", "a*", "a?", "a\\b", "'a", "a'", "History", "a\nb", "_x0041_"]
)
def test_what_no_sheet_can_be_called_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="no sheet name"):
        check_sheet_name(name)


def test_what_no_table_or_column_can_be_is_refused_before_anything_is_written() -> None:
    wrong = (
        (lambda: Table("A1", "T", (Column("A"),), []), "no table name"),
        (lambda: Table("summary", "T", (Column("A"),), []), "no table name"),
        (lambda: Table("t", "T", (), []), "no columns"),
        (lambda: Table("t", "T", (Column("a"), Column("A")), []), "two columns"),
        (lambda: Table("t", "T", (Column("a", "money"), Column("A currency")), []), "two columns"),
        (lambda: Column("a\nb"), "no column title"),
        (lambda: Column("A", "colour"), "no kind"),
        (lambda: Column("A", "percent", total=True), "no total"),
        (lambda: Column("A", "verdict", meaning={"x": "GREEN"}), "no verdict"),
        (lambda: Column("A", choices=("a,b",)), "cannot be a list"),
        (lambda: Column("A", choices=("x" * 300,)), "cannot be a list"),
        (lambda: Light("a", "GREEN", "b"), "no verdict"),
        (lambda: Tile("a", 1, verdict="GREEN"), "no verdict"),
        (lambda: Chart("pie", "c", "words", "t", "A", ("B",)), "no pie chart"),
        (lambda: Chart("bar", "c", " ", "t", "A", ("B",)), "cannot see it"),
        (
            lambda: workbook(Summary("s", charts=(Chart("bar", "c", "w", "nope", "A", ("B",)),)), kinds()),
            "no table nope",
        ),
        (
            lambda: workbook(Summary("s", charts=(Chart("bar", "c", "w", "kinds", "Kind", ("B",)),)), kinds()),
            "no column",
        ),
        (
            lambda: workbook(Summary("s", charts=(Chart("bar", "c", "w", "kinds", "Kind", ("Kind",)),)), kinds()),
            "no numbers",
        ),
        (lambda: workbook(kinds(), Summary("s")), "first part"),
        (lambda: workbook(kinds(), kinds()), "two tables"),
        (lambda: workbook(Summary("s")), "needs a table"),
    )
    for make, word in wrong:
        with pytest.raises(InvalidRequest, match=word):
            make()


def workbook(*parts: Summary | Table) -> Workbook:
    return Workbook("T", "S", AS_OF, "e", "c", "p", parts)


def test_text_of_any_length_is_whole_in_csv_where_no_cell_is_too_small() -> None:
    table = one_column(["x" * 40_000]).tables[0]
    assert "x" * 40_000 in csv_text(table)
