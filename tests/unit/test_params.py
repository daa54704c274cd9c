"""Texts of the command line as values: days and amounts in any writing that has one reading."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.errors import InvalidRequest
from ops.params import parse_amount, parse_date, parse_pairs
from tests.workspace import bare

FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d")


@given(st.dates(date(1970, 1, 1), date(2999, 12, 31)), st.sampled_from(FORMS))
def test_a_day_is_read_as_it_was_written(day: date, form: str) -> None:
    assert parse_date(day.strftime(form)) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [("31/12/2026", date(2026, 12, 31)), ("12/31/2026", date(2026, 12, 31)), ("5/5/2026", date(2026, 5, 5))],
)
def test_slashes_are_read_where_they_leave_one_day(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        *(("1299", "1299"), ("1299.5", "1299.5"), ("1.234,50", "1234.5"), ("1,234.50", "1234.5"), ("0,99", "0.99")),
        *(("1'299.00", "1299"), ("1 299,00", "1299"), ("1.234.567", "1234567"), ("-12,50", "-12.5"), ("", "")),
        ("1.2340", "1.234"),
    ],
)
def test_an_amount_is_read_in_the_writing_of_any_country(text: str, plain: str) -> None:
    assert parse_amount(text) == plain


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (parse_date, "03/04/2026", "'03/04/2026' can be 2026-03-04 or 2026-04-03"),
        (parse_date, "31.02.2026", "'31.02.2026' is not a date"),
        (parse_date, "31.12.26", "'31.12.26' is not a date"),
        (parse_amount, "1.234", "'1.234' can be 1234.00 or 1.2340"),
        (parse_amount, "1,234", "'1,234' can be 1234.00 or 1.2340"),
        (parse_amount, "12 €", "'12 €' has a currency beside it"),
        (parse_amount, "twelve", "'twelve' is no amount"),
        (parse_amount, "--5", "'--5' is no amount"),
    ],
)
def test_what_can_be_two_things_is_refused_and_both_are_named(read: object, text: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(text)  # type: ignore[operator]
    assert str(caught.value) == said


def test_a_comma_in_a_value_stays_and_may_come_again() -> None:
    found = parse_pairs("cost=1.234,50,salvage=100,50,location=Room 3, left")
    assert dict(found) == {"cost": "1.234,50", "salvage": "100,50", "location": "Room 3, left"}


def test_commands_take_days_and_amounts_as_they_are_written_here(tmp_path: Path) -> None:
    desk = bare(tmp_path / "desk", "lead")
    bought = ("--purchased", "24.12.2025", "--cost", "1.234,50", "--currency", "EUR")
    assert desk.ops("asset", "add", "LAP-1", "laptop", *bought, "--yes").code == 0
    corrected = desk.ops("asset", "correct", "LAP-1", "salvage=100,50", "warranty_until=31.12.2028", "--yes")
    assert corrected.code == 0, corrected.err
    shown = desk.ops("asset", "show", "LAP-1", "--json").json
    read = [shown[name] for name in ("purchased", "cost", "salvage", "warranty_until")]
    assert read == ["2025-12-24", "1234.50", "100.50", "2028-12-31"]
    wrong = desk.ops("report", "assets", "--as-of", "03/04/2026")
    assert (wrong.code, "can be 2026-03-04 or 2026-04-03" in wrong.err) == (2, True), wrong.err
