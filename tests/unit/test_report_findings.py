"""What the report on assets asks to be decided: what ended, what is lost, what a count found and what came after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inventory.estate.case import Case
from inventory.estate.cases import OPEN, Kept
from inventory.register import observed
from inventory.register.stocktake import expected_of, fingerprint
from inventory.register.store import Pen, Register
from inventory.register.swap import Swap
from inventory.report.assets import workbook as assets
from inventory.report.money import Money
from inventory.report.parts import Workbook
from tests.unit import report_estate as estate
from tests.unit.report_estate import AS_OF, inputs, laptop, lights, put, tiles, told

Tables = dict[str, list[dict[str, Any]]]
OVER = "2030-01-01"  # a day before the report's


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    made = estate.register(tmp_path, filled=False)
    yield made
    made.close()


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Register]:
    (tmp_path / "filled").mkdir()
    made = estate.register(tmp_path / "filled")
    yield made
    made.close()


def report(register: Register, **more: object) -> tuple[Workbook, Tables]:
    """The report, and its tables."""
    with register.reading() as seen:
        made = assets.workbook(seen, inputs(seen, **more))
        return made, told(made)


def asked(made: Workbook) -> str:
    """All decisions of the first page."""
    assert made.summary
    return "\n".join(made.summary.decisions)


def actions(tables: Tables, rule: str) -> list[str]:
    """The findings of one rule."""
    return [row["Finding"] for row in tables["actions"] if row["Action"].startswith(f"{rule}-")]


def changed(pen: Pen, tag: str, **fields: str) -> None:
    """One asset as it was but for some fields; an empty text takes a field away."""
    before = pen.read(f"asset:{tag}") or {}
    after = {name: text for name, text in {**before, **fields}.items() if text}
    pen.swap(Swap(f"asset:{tag}", before, after))


def note_of(made: Workbook, name: str) -> str:
    """What stands below a table."""
    return next(table.note for table in made.tables if table.name == name)


def word_of(made: Workbook, label: str) -> str:
    """The verdict of a figure of the first page."""
    assert made.summary
    return next(tile.verdict for tile in made.summary.tiles if tile.label == label)


def begun(register: Register) -> datetime:
    """The day of the first event, by the clock of the machine."""
    with register.reading() as seen:
        return datetime.fromisoformat(next(iter(seen.history())).at[:10]).replace(tzinfo=UTC)


def opened(pen: Pen, name: str, day: str) -> None:
    """A stock-take that is open, without a name of whoever opened it."""
    listed = expected_of(pen.find("asset", site="Leeds"))
    fields = {"opened": day, "site": "Leeds", "snapshot": fingerprint(listed), "expected": str(len(listed))}
    put(pen, f"stocktake:{name}", **fields)


def test_what_is_out_of_warranty_and_of_no_known_criticality_is_one_action_servers_first(register: Register) -> None:
    with register.writing() as pen:
        for number in range(4):
            laptop(pen, f"LAP-{number}", warranty_until=OVER, criticality="")
        laptop(pen, "SRV-1", kind="server", warranty_until="2030-02-01", criticality="")
        laptop(pen, "OLD-1", warranty_until=OVER, criticality="4")
    made, tables = report(register)
    (said,) = actions(tables, "WARRANTY")
    assert "how critical: SRV-1, LAP-0, LAP-1 and 2 more" in said
    assert (tiles(made)["Out of warranty"], word_of(made, "Out of warranty")) == (6, "WARN")
    assert "SRV-1" in asked(made)
    assert "LAP-0" not in asked(made)


def test_what_is_vital_and_out_of_warranty_has_to_be_decided(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1", warranty_until=OVER, criticality="1")
    made, _ = report(register)
    assert (lights(made)["Warranty"], word_of(made, "Out of warranty")) == ("FAIL", "FAIL")
    assert "what is vital: LAP-1." in asked(made)


def test_no_month_is_said_to_end_no_warranty_where_none_is_entered(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1", warranty_until="")
    made, tables = report(register)
    assert (tables["warranty_months"], tiles(made)["Out of warranty"]) == ([], None)
    assert made.summary
    assert "Warranty of 1 of 1 asset in use, on the shelf or in repair: no day is entered." in made.summary.not_covered


def test_a_long_overdue_return_has_to_be_decided_and_a_late_one_not(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1", "on_loan", holder="person:kit", due="2030-02-12")
        laptop(pen, "LAP-2", "on_loan", holder="person:kit", due="2030-02-14")
    made, tables = report(register)
    assert "fetched, lent anew, or written off: LAP-1." in asked(made)
    assert len(actions(tables, "OVERDUE")) == 2


def test_what_was_lost_within_a_year_is_a_figure_an_action_and_a_decision(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1", "lost")
        laptop(pen, "LAP-2", "stolen")
        laptop(pen, "LAP-3")
    for ago, number, verdict in ((0, 2, "WARN"), (364, 2, "WARN"), (366, 0, "UNKNOWN")):
        made, tables = report(register, as_of=begun(register) + timedelta(days=ago))
        assert (tiles(made)["Missing, lost or stolen"], word_of(made, "Missing, lost or stolen")) == (number, verdict)
        assert (len(actions(tables, "LOST")), "lost or stolen: LAP-1, LAP-2." in asked(made)) == (number, bool(number))


def test_nothing_missing_is_no_good_news_before_somebody_counted(register: Register, filled: Register) -> None:
    with register.writing() as pen, filled.writing() as counted:
        laptop(pen, "LAP-1")
        changed(counted, "LAP-6", state="in_stock")
    assert word_of(report(register)[0], "Missing, lost or stolen") == "UNKNOWN"
    assert word_of(report(filled)[0], "Missing, lost or stolen") == "PASS"


def test_the_scope_tells_what_is_in_the_register_and_not_on_the_books(filled: Register) -> None:
    with filled.writing() as pen:
        laptop(pen, "LAP-7b", "lost")
        laptop(pen, "LAP-6b", condition="broken")
    made, tables = report(filled)
    assert made.summary
    assert made.summary.scope == (
        "11 assets in the register: 8 on the books (5 in use, 1 ready on the shelf, 2 broken or away); 1 ordered, "
        "1 lost, 1 disposed"
    )
    assert note_of(made, "movements").endswith("1 ordered, 1 lost, 1 disposed.")
    assert sum(row["On the books"] for row in tables["kinds"]) == tiles(made)["Assets on the books"]


def test_what_is_broken_on_the_shelf_is_not_ready(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1", condition="broken")
        laptop(pen, "LAP-2", condition="worn")
        laptop(pen, "LAP-3", "deployed", holder="person:kit", condition="broken")
    _, tables = report(register)
    (row,) = tables["kinds"]
    assert (row["In use"], row["Ready on the shelf"], row["Broken or away"]) == (1, 1, 1)
    assert [row["Condition"] for row in tables["register"]] == ["broken", "worn", "broken"]
    assert [said.partition(". ")[0] for said in actions(tables, "BROKEN")] == ["Broken, on the shelf: 1 asset, LAP-1"]


def test_register_less_what_is_beside_the_books_is_the_value_and_its_lines_add_up_to_it(filled: Register) -> None:
    made, tables = report(filled)
    eur = {name: sum(float(row["Cost"]["amount"]) for row in tables[name] if row["Cost"] and row["Cost"]["currency"] ==
                     "EUR") for name in ("register", "worth", "value")}  # fmt: skip
    assert (eur["register"], eur["worth"], eur["value"]) == (6000, 5000, 5000)
    assert tiles(made)["Cost of what is on the books"] == Money(Decimal(5000), "EUR")
    assert "adds up to more: 1,000.00 EUR" in note_of(made, "value")


def test_what_keeps_assets_from_a_value_is_named(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1", life_months="")
        laptop(pen, "LAP-2", life_months="")
        laptop(pen, "LAP-3", cost="", currency="")
    made, _ = report(register)
    (value,) = (light for light in estate.each_light(made) if light.subject == "Value")
    assert value.reason == "Of 3 assets 0 have a value; without a cost 1, months of life 2."


def test_the_months_begin_with_the_register(filled: Register) -> None:
    _, tables = report(filled, as_of=begun(filled))
    assert [row["Month"] for row in tables["movements"]] == [f"{begun(filled):%Y-%m}"]


# A stock-take, and what came after it.
def results(register: Register) -> dict[str, str]:
    """Tag or code → result, of the last stock-take."""
    return {row["Tag or code"]: row["Result"] for row in report(register)[1]["stocktake"]}


def test_what_was_missing_and_was_handled_since_is_settled_and_no_action(filled: Register) -> None:
    with filled.writing() as pen:
        changed(pen, "LAP-5", location="Room 2")
        changed(pen, "LAP-2", state="missing", holder="", held_since="", due="")
        changed(pen, "LAP-3", notes="seen by Kit")
    assert results(filled) == {
        **{"LAP-2": "missing", "LAP-3": "missing", "LAP-5": "settled", "LAP-4": "misplaced", "ZZZ": "unexpected"}
    }
    _, tables = report(filled)
    means = {row["Tag or code"]: row["What it means"] for row in tables["stocktake"]}
    assert means["LAP-5"] == "was missing; is now in stock at Leeds / Room 2"
    assert {one.partition(" ")[0] for one in actions(tables, "COUNT")} == {"LAP-2", "LAP-3", "LAP-4", "ZZZ"}


def test_what_was_misplaced_and_is_entered_there_is_settled(filled: Register) -> None:
    with filled.writing() as pen:
        changed(pen, "LAP-4", site="", location="Attic")
    assert results(filled)["LAP-4"] == "settled"


def test_when_all_that_was_missing_is_settled_the_stock_take_fails_no_more(filled: Register) -> None:
    assert lights(report(filled)[0])["Stock-take"] == "FAIL"
    with filled.writing() as pen:
        for tag in ("LAP-2", "LAP-3", "LAP-5"):
            changed(pen, tag, location="Room 9")
    assert lights(report(filled)[0])["Stock-take"] == "WARN"


def test_what_an_open_stock_take_did_not_read_yet_is_no_action(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1")
        opened(pen, "spring", "2030-03-10")
    made, tables = report(register)
    assert [row["Result"] for row in tables["stocktake"]] == ["missing"]
    assert (lights(made)["Stock-take"], actions(tables, "COUNT")) == ("UNKNOWN", [])


def test_a_closed_stock_take_is_told_though_another_is_open(filled: Register) -> None:
    with filled.writing() as pen:
        opened(pen, "summer", "2030-03-14")
    made, tables = report(filled)
    assert lights(made)["Stock-take"] == "FAIL"
    assert [(row["Stock-take"], row["By"]) for row in tables["stocktakes"]] == [("summer", "amy"), ("spring", "amy")]


# What the network is said to miss.
def missed(pen: Pen, *tags: str) -> None:
    """One case for all assets that nobody looked for."""
    members = tuple(f"asset:{tag}" for tag in tags)
    because = f"{len(tags)} deployed assets were not seen for 45 days, and not all sources looked"
    case = Case("MISSING", "not looked for:e3b0c44298fc1c14", "medium", "UNKNOWN", because, ("register",), AS_OF,
                AS_OF.date(), ("the wire: never looked at",), members=members)  # fmt: skip
    observed.keep_cases(pen, [Kept(case, OPEN, AS_OF, AS_OF)])


@pytest.mark.parametrize(("days", "since"), [(5, "since they were entered"), (44, "since they"), (50, "for 45 days")])
def test_a_group_is_told_in_words_and_a_young_register_misses_nothing_for_45_days(
    register: Register, days: int, since: str
) -> None:
    with register.writing() as pen:
        for number in range(5):
            laptop(pen, f"LAP-{number}", "deployed", holder="person:kit")
        estate.look(pen)
        missed(pen, *(f"LAP-{number}" for number in range(5)))
    made, tables = report(register, as_of=begun(register) + timedelta(days=days))
    (row,) = (one for one in tables["network"] if one["Verdict"] == "MISSING")
    assert row["Subject"] == "5 machines not looked for"
    assert since in row["Because"]
    assert "LAP-0, LAP-1, LAP-2 and 2 more. Not looked at: the wire: never looked at" in row["Because"]
    assert "not looked for:" not in str(tables) + str([light.reason for light in estate.each_light(made)])


def test_no_sheet_speaks_in_the_registers_keys(filled: Register) -> None:
    made, tables = report(filled)
    cells = [str(value) for rows in tables.values() for row in rows for value in row.values()]
    assert [one for one in cells if one.startswith(("person:", "location:", "asset:"))] == []
    assert {row["Holder"] for row in tables["custody"]} == {"amy.ng", "zoe.still", "kit", "Rack"}


def test_more_decisions_than_fit_are_counted(filled: Register) -> None:
    from inventory.report.chapter import Chapter, assembled

    with filled.reading() as seen:
        given = inputs(seen)
    made = assembled(given, "T", "S", [Chapter((), decisions=[f"Decide {number}." for number in range(8)])])
    assert asked(made).splitlines()[-2:] == ["Decide 4.", "And 3 more: see Actions."]
