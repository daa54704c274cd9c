"""Cells as words, holders and spans of time: those of others become ours."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.taking_in.rows import Row, Taken
from inventory.taking_in.values import LONGEST, LONGEST_NOTE, Reading, months_after, taken
from inventory.taking_in.words import OF_FIELD, own_word
from tests.unit.cells import DAYS, fields, mistake, one


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
