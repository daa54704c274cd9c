"""Cells as fields: days in three orders, amounts of several countries, words of others, what names a machine."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.taking_in import dates, money
from inventory.taking_in.dates import DateOrder
from inventory.taking_in.identifiers import host_of, macs_of, names_nothing, uuid_of
from inventory.taking_in.money import DecimalSign
from inventory.taking_in.rows import Mistake, Row, Taken
from inventory.taking_in.values import LONGEST, LONGEST_NOTE, Reading, months_after, taken
from inventory.taking_in.words import OF_FIELD, own_word
from ops.errors import InvalidRequest
from ops.written import amounts

DAYS = st.dates(date(1970, 1, 1), date(2999, 12, 31))
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


def fields(reading: Reading | None = None, **cells: str) -> dict[str, str]:
    found = one(reading, **cells)
    assert isinstance(found, Taken), [str(each) for each in found]
    return dict(found.fields)


def one(reading: Reading | None = None, **cells: str) -> Taken | tuple[Mistake, ...]:
    more = reading or Reading({})
    names = {name: name for name in cells}
    return taken(Row(7, cells), Reading(names, more.orders, more.decimals, more.currency, more.values))


def mistake(reading: Reading | None = None, **cells: str) -> str:
    found = one(reading, **cells)
    assert isinstance(found, tuple)
    (only,) = found
    return str(only)


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


@pytest.mark.parametrize(
    ("field", "text", "own"),
    [
        *(
            ("state", "Ready to Deploy", "in_stock"),
            ("state", "Deployed", "deployed"),
            ("state", "Archived", "retired"),
        ),
        *(("state", "Broken - Not Fixable", "retired"), ("state", "Out for Repair", "in_repair")),
        *(("state", "Lost/Stolen", "lost"), ("state", "Pending", "received"), ("state", "ausgemustert", "retired")),
        *(("kind", "Laptops", "laptop"), ("kind", "Access Points", "access-point"), ("kind", "Drucker", "printer")),
        *(("approved", "ja", "yes"), ("backup_required", "FALSE", "no"), ("criticality", "Critical", "1")),
        *(("condition", "gebraucht", "good"), ("data_class", "vertraulich", "confidential")),
    ],
)
def test_words_of_others_become_ours(field: str, text: str, own: str) -> None:
    assert fields(tag="1", **{field: text})[field] == own


def test_no_word_of_others_stands_for_two_of_ours() -> None:
    for field, words in OF_FIELD.items():
        for own, others in words.items():
            assert {own_word(field, text) for text in (own, *others)} == {own}


def test_an_unknown_word_is_refused_with_the_nearest_if_there_is_one() -> None:
    assert mistake(state="Deploied") == "line 7, state: this is no state, found 'Deploied', expected perhaps deployed"
    assert mistake(data_class="xyz") == "line 7, data_class: this is no data class, found 'xyz'"


@pytest.mark.parametrize(
    ("word", "kind", "noted"),
    [
        *(("Desktop-PC", "desktop", ""), ("Notebook", "laptop", ""), ("Farblaserdrucker", "printer", "yes")),
        *(
            ("Beamer", "other", "yes"),
            ("Projector", "other", "yes"),
            ("Camera", "other", "yes"),
            ("UPS", "other", "yes"),
        ),
        *(("Chromebook", "laptop", "yes"), ("Fernseher", "other", "yes"), ("Scanner", "other", "yes")),
        *(("Tablet", "tablet", ""), ("iPad", "tablet", ""), ("KVM-Switch", "other", "yes"), ("Sonstiges", "other", "")),
        *(("Laser printer", "printer", "yes"), ("Lehrernotebook", "laptop", "yes"), ("Dell Laptop", "laptop", "yes")),
    ],
)
def test_an_everyday_word_becomes_a_kind_and_is_kept_where_it_says_more(word: str, kind: str, noted: str) -> None:
    assert fields(tag="1", kind=word) == {"tag": "1", "kind": kind, **({"notes": word} if noted else {})}


@pytest.mark.parametrize("word", ["Notebooktasche", "printer cable", "Headphone", "Monitor arm", "Druckertoner"])
def test_what_only_belongs_to_a_machine_is_not_taken_for_it(word: str) -> None:
    assert "this is no kind" in mistake(kind=word)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        *(("im Einsatz", "deployed"), ("in Betrieb", "deployed"), ("aktiv", "deployed"), ("Auf Lager", "in_stock")),
        *(("außer Betrieb", "retired"), ("Ausser Betrieb", "retired"), ("verschrottet", "disposed")),
        *(("zur Reparatur", "in_repair"), ("nicht auffindbar", "missing"), ("Verfuegbar", "in_stock")),
    ],
)
def test_everyday_words_for_states_are_known(word: str, state: str) -> None:
    assert fields(tag="1", state=word)["state"] == state


def test_a_word_of_the_condition_in_the_column_of_the_state_is_its_condition() -> None:
    assert fields(tag="1", state="sehr gut") == {"tag": "1", "condition": "good"}
    assert "this is no state" in mistake(state="sehr gut", condition="new")


@pytest.mark.parametrize("nothing", ["-", "n/a", "unbekannt", "k. A."])
@pytest.mark.parametrize("field", ["kind", "state", "holder", "criticality"])
def test_what_people_write_where_they_know_nothing_is_not_known(field: str, nothing: str) -> None:
    assert fields(tag="1", **{field: nothing}) == {"tag": "1"}


def test_a_span_of_years_is_months_and_a_small_number_without_a_unit_is_asked_about() -> None:
    assert fields(life="3 Jahre") == fields(life_years="3") == fields(life="36") == {"life_months": "36"}
    assert fields(life_months="6") == fields(life="6 months") == fields(life_years="6 Monate") == {"life_months": "6"}
    assert "this can be months or years, found '3', expected such as 3 years or 36 months" in mistake(warranty="3")


def test_several_columns_of_mac_addresses_and_of_notes_are_joined() -> None:
    reading = Reading({"WLAN": "macs", "LAN": "macs", "Notiz": "notes", "Name": "notes", "Host": "hostname"})
    cells = {"WLAN": "00:11:22:aa:bb:cc", "LAN": "00-11-22-AA-BB-CD", "Notiz": "new", "Name": "PC1", "Host": "pc1"}
    found = taken(Row(1, cells), reading)
    assert isinstance(found, Taken)
    assert found.fields == {"macs": "00:11:22:aa:bb:cc 00:11:22:aa:bb:cd", "notes": "new", "hostname": "pc1"}


def test_nobody_holds_what_is_in_repair_or_gone_and_the_name_is_kept() -> None:
    found = one(tag="1", state="defekt", holder="amy.ng")
    assert isinstance(found, Taken)
    assert dict(found.fields) == {"tag": "1", "state": "in_repair", "extra.holder": "person:amy.ng"}
    assert found.notices == ("what is in repair nobody holds; 'person:amy.ng' is kept as extra.holder",)


@pytest.mark.parametrize(
    ("cells", "logon", "holder"),
    [
        ({"U": "amy.ng", "C": "Amy Ng"}, True, "person:amy.ng"),
        ({"U": "", "C": "Leith Library"}, True, "location:Leith Library"),
        ({"U": "", "C": "Amy Ng"}, False, "person:Amy Ng"),
        ({"U": "", "C": "Leith", "L": "leith"}, False, "location:Leith"),
        ({"U": "", "C": "SRV-1", "T": "asset"}, True, "asset:SRV-1"),
        ({"U": "", "C": "Amy Ng", "T": "user"}, True, "person:Amy Ng"),
    ],
)
def test_who_has_no_logon_name_beside_logon_names_is_a_place(cells: dict[str, str], logon: bool, holder: str) -> None:
    names = {"C": "holder_else.c", "U": "holder", "L": "location", "T": "holder_kind"}
    found = taken(Row(1, cells), Reading({name: names[name] for name in cells}, logon=logon))
    assert isinstance(found, Taken)
    assert found.fields["holder"] == holder
    assert found.fields.get("extra.c", "") == (cells["C"] if cells["U"] else "")


def test_the_words_of_a_mapping_file_come_first_and_may_say_that_nothing_is_known() -> None:
    reading = Reading({}, values={"state": {"Im Regal": "in_stock", "?": ""}})
    assert fields(reading, tag="1", state="im regal")["state"] == "in_stock"
    assert fields(reading, tag="1", state="?") == {"tag": "1"}


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\x07", "\n", "\u202e", "\u200b", "\ufeff"])
def test_control_and_invisible_characters_are_refused(letter: str) -> None:
    said = mistake(model=f"Think{letter}Pad")
    assert f"an invisible character (U+{ord(letter):04X}) is in it" in said
    assert said.isprintable()


def test_line_breaks_in_notes_and_blanks_of_all_widths_become_plain_blanks() -> None:
    assert fields(tag="1", notes="one\r\n two\tthree") == {"tag": "1", "notes": "one two three"}
    assert fields(tag="1", model="\u00a0Think\u00a0Pad ") == {"tag": "1", "model": "Think Pad"}


def test_text_that_is_too_long_is_refused() -> None:
    assert fields(tag="1", notes="x" * LONGEST_NOTE)
    assert f"it has {LONGEST_NOTE + 1} characters" in mistake(notes="x" * (LONGEST_NOTE + 1))
    assert f"expected at most {LONGEST}" in mistake(model="x" * (LONGEST + 1))


@pytest.mark.parametrize(
    "text",
    [
        *("To be filled by O.E.M.", "to be filled by OEM", "System Serial Number", "Default string", "None", "N/A"),
        *("0", "0000000", "123456789", "XXXXXXXX", "Not Specified", "....", "-", "FFFFFFFF"),
    ],
)
def test_a_placeholder_is_no_serial_and_that_is_said(text: str) -> None:
    found = one(tag="1", serial=text)
    assert isinstance(found, Taken)
    assert (dict(found.fields), found.notices) == (
        {"tag": "1"},
        (f"serial {text!r} is a placeholder and was left out",),
    )


@pytest.mark.parametrize("text", ["5CG1234XYZ", "640HP72", "C02-0000", "PF0ABC12", "12345678901"])
def test_a_real_serial_is_no_placeholder(text: str) -> None:
    assert not names_nothing(text)
    assert fields(serial=text) == {"serial": text}


@pytest.mark.parametrize("field", ["serial", "tag"])
@pytest.mark.parametrize("text", ["3.53E+14", "3,53E+14", "1E+14"])
def test_an_identifier_that_a_spreadsheet_spoilt_is_refused(field: str, text: str) -> None:
    assert "lost its end" in mistake(**{field: text})


@pytest.mark.parametrize(
    "text", ["00-11-22-AA-BB-CC", "0011.22aa.bbcc", "001122AABBCC", "00:11:22:aa:bb:cc;00-11-22-AA-BB-CC"]
)
def test_a_mac_address_is_read_in_any_writing(text: str) -> None:
    assert fields(macs=text) == {"macs": "00:11:22:aa:bb:cc"}


@given(st.lists(st.binary(min_size=6, max_size=6).filter(any), min_size=1, max_size=5, unique=True))
def test_a_list_of_mac_addresses_keeps_all_of_them(macs: list[bytes]) -> None:
    written = ["-".join(f"{octet:02X}" for octet in mac) for mac in macs]
    assert macs_of("; ".join(written)).split() == [text.replace("-", ":").lower() for text in written]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"macs": "00:11:22:33:44"}, "'00:11:22:33:44' is no MAC address"),
        ({"macs": "00:11:22:aa:bb:cc, wlan0"}, "'wlan0' is no MAC address"),
        ({"uuid": "4c4c4544"}, "this is no UUID"),
        ({"address": "10.0.0.300"}, "this is no IP address"),
        ({"fqdn": "not a name"}, "this is no full host name"),
        ({"life_months": "three years"}, "this is no number of months"),
    ],
)
def test_what_cannot_name_a_machine_is_refused(cells: dict[str, str], said: str) -> None:
    assert said in mistake(**cells)


def test_identifiers_get_one_form() -> None:
    assert fields(uuid="{4C4C4544-0034-3010-8048-B6C04F503732}", address="010.0.0.5/24".lstrip("0")) == {
        "uuid": "4c4c4544-0034-3010-8048-b6c04f503732",
        "address": "10.0.0.5",
    }
    assert uuid_of("03000200-0400-0500-0006-000700080009") == uuid_of("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF") == ""
    assert macs_of("00:00:00:00:00:00") == ""
    assert host_of("PC1.Example.ORG.") == ("PC1", "pc1.example.org")


def test_a_name_that_is_no_host_name_is_kept_in_the_notes_and_that_is_said() -> None:
    found = one(tag="1", hostname="Amy's laptop")
    assert isinstance(found, Taken)
    assert dict(found.fields) == {"tag": "1", "notes": "Amy's laptop"}
    assert found.notices == ('"Amy\'s laptop" is no host name and is kept in the notes',)
    assert fields(tag="1", hostname="Beamer") == {"tag": "1", "notes": "Beamer"}


@pytest.mark.parametrize(
    ("cells", "holder"),
    [
        ({"holder": "amy.ng"}, "person:amy.ng"),
        ({"holder": "person:amy.ng"}, "person:amy.ng"),
        ({"holder": "Cupboard 2", "holder_kind": "Location"}, "location:Cupboard 2"),
        ({"holder": "SRV-1", "holder_kind": "App\\Models\\Asset"}, "asset:SRV-1"),
    ],
)
def test_a_holder_is_a_person_a_place_or_a_thing(cells: dict[str, str], holder: str) -> None:
    assert fields(**cells) == {"holder": holder}


def test_months_of_warranty_become_its_last_day() -> None:
    assert fields(purchased="2026-11-30", warranty_months="3 years")["warranty_until"] == "2029-11-30"
    assert fields(purchased="2026-11-30", warranty_months="36", warranty_until="2027-01-01") == {
        "purchased": "2026-11-30",
        "warranty_until": "2027-01-01",
    }
    found = one(tag="1", warranty_months="36")
    assert isinstance(found, Taken)
    assert found.notices == ("36 months of warranty count from no known day",)


@given(DAYS, st.integers(0, 240))
def test_months_later_is_the_same_day_or_the_months_last(day: date, months: int) -> None:
    if day.year > 2970:
        return
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and later.replace(day=later.day).month != _next(later).month)


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def test_every_wrong_cell_of_a_row_is_named_and_nothing_of_the_row_is_taken() -> None:
    found = one(tag="1", purchased="soon", state="odd", macs="x")
    assert isinstance(found, tuple)
    assert [each.column for each in found] == ["purchased", "state", "macs"]
