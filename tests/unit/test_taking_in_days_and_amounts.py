"""Cells as days in three orders, and as amounts of several countries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.taking_in import dates, money
from inventory.taking_in.dates import DateOrder
from inventory.taking_in.money import DecimalSign
from inventory.taking_in.values import Reading
from ops.errors import InvalidRequest
from ops.written import amounts
from tests.unit.cells import DAYS, fields, mistake

WRITTEN = {"ymd": "%Y-%m-%d", "dmy": "%d.%m.%Y", "mdy": "%m/%d/%Y"}


def order(*cells: str) -> str:
    found = DateOrder("Purchased")
    for number, cell in enumerate(cells, 2):
        found.see(number, cell)
    return found.decided("a.csv")


def sign(*cells: str, places: int = 2) -> str:
    found = DecimalSign("Cost", places)
    for number, cell in enumerate(cells, 2):
        found.see(number, cell)
    return found.decided("a.csv")


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["2026-11-25", "2026-01-02"], "ymd"),
        (["2026/11/25", "2026-11-25 14:30:00", "2026-11-25T14:30:00Z"], "ymd"),
        (["03.04.2026"], "dmy"),
        (["03/04/2026", "25/11/2026"], "dmy"),
        (["03/04/2026", "11/25/2026"], "mdy"),
        (["3/4/2026", "12/31/2026 2:30 PM"], "mdy"),
        (["05/05/2026"], "dmy"),
        (["05/05/2026", "garbage", "", "12/13/2026"], "mdy"),
        ([], "ymd"),
    ],
)
def test_the_order_of_days_is_that_which_fits_the_whole_column(cells: list[str], found: str) -> None:
    assert order(*cells) == found


def test_a_column_of_days_that_no_row_tells_is_refused_with_the_option_that_does() -> None:
    with pytest.raises(InvalidRequest) as caught:
        order("05/05/2026", "03/04/2026", "01/02/2026")
    assert str(caught.value) == "a.csv: Purchased: '03/04/2026' in line 3 can be two days, and no row says which"
    assert caught.value.hint == "say --dates dmy, mdy or ymd"


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["25/11/2026", "11/25/2026"], "line 2 has '25/11/2026', line 3 has '11/25/2026'"),
        (["2026-11-25", "03/04/2026"], "line 2 has '2026-11-25', line 3 has '03/04/2026'"),
        (["01/02/2026", "25/11/2026", "2026-01-01"], "line 2 has '01/02/2026', line 4 has '2026-01-01'"),
    ],
)
def test_a_column_of_days_in_two_orders_is_refused_and_two_rows_are_named(cells: list[str], told: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        order(*cells)
    assert str(caught.value) == f"a.csv: Purchased holds days in different orders: {told}"


@given(st.lists(DAYS, min_size=1, max_size=30), st.sampled_from(sorted(WRITTEN)))
def test_days_written_in_one_order_are_read_as_they_were_or_a_question_is_asked(days: list[date], how: str) -> None:
    cells = [day.strftime(WRITTEN[how]) for day in days]
    try:
        found = order(*cells)
    except InvalidRequest:
        assert how == "mdy"
        assert all(day.day <= 12 for day in days)
        return
    assert [dates.readings(cell)[found] for cell in cells] == days


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("31.02.2026", "this is no day"),
        ("2026-13-01", "this is no day"),
        ("0026-01-01", "this is no day"),
        ("soon", "this is no day"),
        ("25.11.26", "the year has two digits"),
        ("45986", "this is a day's number in a spreadsheet, not a day"),
    ],
)
def test_a_cell_that_is_no_day_says_what_is_the_matter(cell: str, said: str) -> None:
    assert mistake(purchased=cell) == f"line 7, purchased: {said}, found '{cell}', expected a day such as 2026-11-25"


def test_a_day_in_another_order_than_its_columns_is_refused() -> None:
    assert mistake(purchased="03/04/2026") == "line 7, purchased: the column's days are written ymd, found '03/04/2026'"


@pytest.mark.parametrize("nothing", ["0000-00-00", "-", "N/A", "  "])
def test_what_others_write_for_an_unknown_day_is_unknown(nothing: str) -> None:
    assert fields(tag="1", purchased=nothing) == {"tag": "1"}


@pytest.mark.parametrize(
    ("text", "number", "name"),
    [
        *(("1.299,00 €", "1299.00", "comma"), ("€ 1.299,00", "1299.00", "comma"), ("1,299.00", "1299.00", "point")),
        *(("1299", "1299.00", "point"), ("1.299", "1299.00", "comma"), ("1,299", "1299.00", "point")),
        *(
            ("1'299.50 CHF", "1299.50", "point"),
            ("1\u202f299,5 EUR", "1299.50", "comma"),
            ("1299.-", "1299.00", "point"),
        ),
        *(("USD 12.5", "12.50", "point"), ("Fr. 12.50", "12.50", "point"), ("1.234.567,89", "1234567.89", "comma")),
    ],
)
def test_an_amount_is_read_in_the_writing_of_its_country(text: str, number: str, name: str) -> None:
    amount = money.amount_of(text)
    assert amount is not None
    assert amounts(amount.number)[name] == Decimal(number)


@pytest.mark.parametrize("text", ["", "free", "-5.00", "(5.00)", "1.29.9", "12.345.6", "1,2,3", "EUR 5 USD", "1e3"])
def test_what_is_no_amount_is_none(text: str) -> None:
    amount = money.amount_of(text)
    assert amount is None or not amounts(amount.number)


def test_the_sign_of_decimals_is_that_of_the_whole_column() -> None:
    assert sign("1.299", "12,50") == "comma"
    assert sign("1,299", "12.50") == "point"
    assert sign("1299", "5") == "point"
    with pytest.raises(InvalidRequest) as caught:
        sign("1.299", "12.50")
    assert str(caught.value) == "a.csv: Cost writes decimals in two ways: line 2 has '1.299', line 3 has '12.50'"
    assert caught.value.hint == "say --decimals point or comma"


def test_where_a_currency_has_three_decimals_a_point_can_mean_two_things() -> None:
    with pytest.raises(InvalidRequest, match=r"'1\.299' in line 2 can be two amounts"):
        sign("1.299", places=3)
    assert sign("1.299", "12.5", places=3) == "point"


@given(st.decimals(0, 10**9, places=2), st.sampled_from(["point", "comma"]), st.booleans())
def test_an_amount_written_in_either_way_is_read_back(amount: Decimal, name: str, grouped: bool) -> None:
    text = f"{amount:,.2f}" if grouped else f"{amount:.2f}"
    if name == "comma":
        text = text.translate(str.maketrans(",.", ".,"))
    found = money.amount_of(text)
    assert found is not None
    assert amounts(found.number)[name] == amount


@pytest.mark.parametrize(
    ("cells", "default", "found"),
    [
        ({"cost": "5 €"}, "", "5.00 EUR"),
        ({"cost": "5 €"}, "USD", "5.00 EUR"),
        ({"cost": "5"}, "usd", "5.00 USD"),
        ({"cost": "$5"}, "CAD", "5.00 CAD"),
        ({"cost": "5", "currency": "gbp"}, "EUR", "5.00 GBP"),
        ({"cost": "5 kr", "currency": "SEK"}, "", "5.00 SEK"),
        ({"cost": "1299", "currency": "JPY"}, "", "1299 JPY"),
        ({"cost": "1.5", "currency": "KWD"}, "", "1.500 KWD"),
    ],
)
def test_the_currency_is_the_rows_own_and_else_the_files(cells: dict[str, str], default: str, found: str) -> None:
    read = fields(Reading({}, currency=default.upper()), **cells)
    assert f"{read['cost']} {read['currency']}" == found


@pytest.mark.parametrize(
    ("cells", "default", "said"),
    [
        ({"cost": "5"}, "", "it has no currency"),
        ({"cost": "$5"}, "", "'$' can be AUD, CAD, HKD, MXN, NZD, SGD, USD"),
        ({"cost": "$5"}, "EUR", "'$' can be"),
        ({"cost": "5 €", "currency": "USD"}, "", "'€' does not stand for USD"),
        ({"cost": "5 Taler"}, "", "this is no amount"),
        ({"cost": "5 QQQ"}, "", "'QQQ' is no currency"),
        ({"cost": "5", "currency": "Euros"}, "EUR", "'Euros' is no currency"),
        ({"cost": "12.50", "currency": "JPY"}, "", "JPY has 0 decimals"),
        ({"cost": "12,50"}, "EUR", "the column's decimals are parted by a point"),
    ],
)
def test_an_amount_is_never_given_a_currency_by_guessing(cells: dict[str, str], default: str, said: str) -> None:
    assert said in mistake(Reading({}, currency=default), **cells)
