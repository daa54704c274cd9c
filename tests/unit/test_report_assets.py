"""The report on assets says what the register holds, says of everything else that it is not known, and adds up."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.register.chain import START, Happened, sealed
from inventory.register.past import Head, head_at, head_of, observed, past
from inventory.register.states import STATES
from inventory.register.store import Register
from inventory.report import making, things
from inventory.report.assets import listing, movements
from inventory.report.assets import workbook as assets
from inventory.report.book import release, write
from inventory.report.inputs import Inputs, kept_inputs, write_inputs
from inventory.report.money import Money
from inventory.report.parts import Workbook
from inventory.report.template import Template
from inventory.report.things import OWNED
from ops.errors import EvidenceInvalid, NotVerified
from tests.unit import report_estate as estate
from tests.unit.report_estate import inputs, lights, put, tiles, told
from tests.unit.reports import opened, png

SHEETS = (
    "actions register addresses kinds movements custody leavers warranty_months warranty value worth stocktake "
    "stocktakes network disposals consumables budget failures quality definitions sources provenance"
)
EMPTY = {
    *("Overdue returns", "Leavers", "Warranty", "Value", "Stock-take", "Network and register agree", "Data quality"),
    "History and movements",
}


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    made = estate.register(tmp_path)
    yield made
    made.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Register]:
    made = estate.register(tmp_path, filled=False)
    yield made
    made.close()


def report(register: Register, **more: object) -> tuple[Workbook, dict[str, list[dict[str, object]]]]:
    """The report, and its tables."""
    with register.reading() as seen:
        made = assets.workbook(seen, inputs(seen, **more))
        return made, told(made)


def written(register: Register, **more: object) -> bytes:
    """The workbook's bytes."""
    out = io.BytesIO()
    with register.reading() as seen:
        write(assets.workbook(seen, inputs(seen, **more)), out)
    return out.getvalue()


def test_where_there_is_nothing_nothing_looks_well_and_nothing_is_0(empty: Register) -> None:
    made, tables = report(empty, left={})
    said = lights(made)
    assert (set(said), set(said.values())) == (EMPTY, {"UNKNOWN"})
    assert " ".join(tables) == SHEETS
    assert tables["custody"] == tables["network"] == tables["stocktake"] == tables["movements"] == []
    assert {row["Status"] for row in tables["sources"]} == {"UNKNOWN"}
    assert set(tiles(made).values()) == {None}
    assert made.summary
    assert {tile.verdict for tile in made.summary.tiles} <= {"UNKNOWN", ""}


def test_what_the_first_page_says_is_what_the_register_holds(register: Register) -> None:
    made, _ = report(register)
    assert tiles(made) == {
        "Assets on the books": 7,
        "Overdue returns": 1,
        "Held by leavers": 2,
        "Missing, lost or stolen": 1,
        "Out of warranty": 1,
        "Cost of what is on the books": Money(Decimal("5000.00"), "EUR"),
        "Net book value": Money(Decimal("3750.00"), "EUR"),
        "Open cases on the network": 1,
    }
    said = lights(made)
    assert [said[name] for name in ("Leavers", "Missing assets", "Stock-take", "Network and register agree")] == [
        "FAIL"
    ] * 4
    assert (said["Disposals"], said["History and movements"]) == ("WARN", "PASS")


def test_a_leaver_is_somebody_whose_day_has_come(register: Register) -> None:
    _, tables = report(register)
    assert [(row["Person"], row["Tag"], row["Days since"]) for row in tables["leavers"]] == [
        ("amy.ng", "LAP-1", 14), ("amy.ng", "LAP-2", 14),
    ]  # fmt: skip
    _, later = report(register, as_of=estate.AS_OF.replace(month=7))
    assert {row["Person"] for row in later["leavers"]} == {"amy.ng", "zoe.still"}


def test_what_is_overdue_comes_first_and_is_an_action(register: Register) -> None:
    _, tables = report(register)
    assert [(row["Tag"], row["Verdict"], row["Days late"]) for row in tables["custody"]][0] == ("LAP-2", "OVERDUE", 42)
    assert [row["Verdict"] for row in tables["custody"] if row["Tag"] in ("LAP-1", "LAP-3", "SRV-1")] == [
        "ACCEPTED", "PLACED", "UNSIGNED",
    ]  # fmt: skip
    (late,) = (row for row in tables["actions"] if str(row["Action"]).startswith("OVERDUE"))
    assert (late["Severity"], late["Owner"], late["Due"]) == ("high", "bob", "2030-03-22")


def test_value_is_cost_less_depreciation_for_each_department_year_and_currency(register: Register) -> None:
    _, tables = report(register)
    rows = {
        (row["Department"], row["Bought in"], (row["Cost"] or {"currency": ""})["currency"]): row
        for row in tables["value"]
    }
    sales = rows["Sales", "2029", "EUR"]
    assert (sales["Assets"], sales["Valued"]) == (4, 4)
    assert [sales[name]["amount"] for name in ("Cost", "Depreciation", "Net book value")] == [
        "4000.00",
        "1000.00",
        "3000.00",
    ]
    assert rows["Sales", "2029", "GBP"]["Net book value"] == {"amount": "375.00", "currency": "GBP"}
    assert rows["(no department)", "unknown", ""]["Valued"] == 0


def test_the_last_stock_take_is_told_five_ways(register: Register) -> None:
    _, tables = report(register)
    said = {row["Tag or code"]: (row["Result"], row["Should be at"], row["Was read at"]) for row in tables["stocktake"]}
    assert said == {
        "LAP-2": ("missing", "Leeds / Room 1", None),
        "LAP-3": ("missing", "Leeds / Room 1", None),
        "LAP-4": ("missing", "Leeds / Room 1", None),
        "LAP-5": ("misplaced", "Leeds / Room 1", "Attic"),
        "ZZZ": ("unexpected", None, "Attic"),
    }


def test_money_spent_beyond_a_budget_is_at_stake(register: Register) -> None:
    _, tables = report(register)
    (row,) = tables["budget"]
    assert (row["Verdict"], row["Used"], row["Left"]) == ("OVER", "1.20", {"amount": "-20.00", "currency": "EUR"})
    (action,) = (one for one in tables["actions"] if str(one["Action"]).startswith("BUDGET"))
    assert action["At stake"] == {"amount": "20.00", "currency": "EUR"}


def test_the_network_of_an_earlier_day_is_not_known_though_it_was_looked_at(register: Register) -> None:
    made, _ = report(register, past=True)
    assert (lights(made)["Network and register agree"], tiles(made)["Open cases on the network"]) == ("UNKNOWN", None)


def test_figures_are_compared_with_those_of_the_report_before(register: Register) -> None:
    before = {"Overdue returns": "3", "Net book value": "4000.00 EUR", "Held by leavers": "many"}
    made, _ = report(register, before=before)
    assert made.summary
    found = {tile.label: tile.before for tile in made.summary.tiles}
    assert (found["Overdue returns"], found["Net book value"]) == ("3", Money(Decimal("4000.00"), "EUR"))
    assert found["Held by leavers"] is None


def test_the_same_register_and_inputs_give_the_same_bytes_and_other_inputs_do_not(register: Register) -> None:
    assert written(register) == written(register)
    assert written(register) != written(register, evidence="EFGH2345")


def test_the_register_rebuilt_from_its_history_gives_the_same_bytes(register: Register, tmp_path: Path) -> None:
    whole = written(register)
    with register.reading() as seen:
        head, asked = Head(*seen.head()), inputs(seen)
        write_inputs(tmp_path / "kept", asked, observed(seen, assets.OBSERVED))
    with register.writing() as pen:
        put(pen, "asset:LAP-5", **{**estate.LAPTOP, "state": "in_stock", "notes": "sold"})
        pen.connection.exec_driver_sql("DELETE FROM kept_case")
    assert written(register) != whole
    out = io.BytesIO()
    digest = _digest(tmp_path / "kept")
    with (
        register.reading() as seen,
        kept_inputs(tmp_path / "kept", digest) as (again, rows),
        past(seen, head, rows) as then,
    ):
        assert again == asked
        write(assets.workbook(then, again), out)
    assert out.getvalue() == whole


def _digest(path: Path) -> str:
    import gzip
    import hashlib

    return hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()


@pytest.mark.parametrize(
    "wrong", ["UPDATE event SET why = 'x' WHERE number = 3", "UPDATE event SET hash = 'x' WHERE number = 9"]
)
def test_a_history_that_was_rewritten_cannot_be_gone_back_to(register: Register, wrong: str) -> None:
    with register.writing() as pen:
        head = Head(*pen.head())
        pen.connection.exec_driver_sql(wrong)
    made, _ = report(register)
    assert lights(made)["History and movements"] == "FAIL"
    with register.reading() as seen, pytest.raises(EvidenceInvalid), past(seen, head):
        pass


def test_a_history_that_was_made_up_anew_does_not_come_to_the_recorded_hash(register: Register) -> None:
    with (
        register.reading() as seen,
        pytest.raises(EvidenceInvalid, match="not the one that was reported on"),
        past(seen, Head(seen.head()[0], "0" * 64)),
    ):
        pass


def test_going_back_leaves_out_what_came_later(register: Register) -> None:
    with register.reading() as seen:
        for number in (0, 1, 9, 10, seen.head()[0]):
            with past(seen, head_of(seen, number)) as then:
                assert then.head()[0] == number
                last = {one.ref: one.after for one in seen.history() if one.number <= number}
                kinds = {ref.partition(":")[0] for ref in last} | {"asset"}
                assert {ref: one for kind in kinds for ref, one in then.every(kind)} == {
                    k: v for k, v in last.items() if v
                }
        assert head_at(seen, "2000-01-01T00:00:00Z").number == 0
        assert head_at(seen, "2999-01-01T00:00:00Z") == Head(*seen.head())


def test_kept_inputs_that_were_changed_are_not_used(tmp_path: Path) -> None:
    made = Inputs("assets", estate.AS_OF, "R", left={"a": ""}, template=Template("Org", png()), joins=("2030-01-01",))
    digest = write_inputs(tmp_path / "kept", made, [("scan", {"code": "é\n=1"})])
    with kept_inputs(tmp_path / "kept", digest) as (again, rows):
        assert (again, list(rows)) == (made, [("scan", {"code": "é\n=1"})])
    (tmp_path / "other").touch()
    write_inputs(tmp_path / "two", replace(made, left={}), [])
    for path in (tmp_path / "two", tmp_path / "other", tmp_path / "none"):
        with pytest.raises(EvidenceInvalid), kept_inputs(path, digest):
            pass


def test_a_row_that_is_lost_on_the_way_keeps_the_file_back(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "assets", lambda seen, **equal: (one for one in _but_one(seen)))
    with register.reading() as seen:
        asked = inputs(seen)
        for name in ("a.xlsx", "a.csv"):
            with pytest.raises(NotVerified, match="in its source"):
                making.export(
                    making.build(seen, asked), tmp_path / name, "register", Template(), making.expected(seen, asked)
                )
    assert {one.name for one in tmp_path.iterdir()} & {"a.xlsx", "a.csv", ".a.csv.part"} == set()


def _but_one(seen: object) -> Iterator[object]:
    from inventory.report.things import assets as all_

    yield from list(all_(seen))[1:]  # type: ignore[arg-type]


def test_a_report_is_the_same_however_many_assets_are_packed_together(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written(register)
    monkeypatch.setattr(things, "PACK", 1)
    assert written(register) == before


def test_rows_and_costs_in_the_file_are_those_the_database_adds_up(register: Register, tmp_path: Path) -> None:
    with register.reading() as seen:
        wanted = assets.expected(seen)
        found = release(assets.workbook(seen, inputs(seen)), tmp_path / "a.xlsx", expected=wanted)
    assert wanted["register"].rows == found["register"].rows == 8
    assert wanted["register"].sums == {"Cost EUR": Decimal(6000), "Cost GBP": Decimal(500)}
    assert wanted["consumables"].sums == {"On hand": Decimal(1)}


def test_text_that_looks_like_a_formula_stays_text_from_the_register_to_the_sheet(register: Register) -> None:
    book = opened(written(register))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell for cell in cells if cell.data_type in ("f", "e")] == []
    assert [cell.quotePrefix for cell in cells if str(cell.value).startswith("=")] == [True, True]


# Invariant 12: opening + in - out = closing, whatever happened.
STEPS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from([*STATES, ""]), st.dates(date(2029, 1, 1), date(2030, 3, 15))),
    max_size=40,
)


def history(steps: list[tuple[str, str, date]]) -> list[Happened]:
    """A chain of events, by day; an empty state is taken back."""
    now: dict[str, dict[str, str] | None] = {}
    made: list[Happened] = []
    for number, (tag, state, day) in enumerate(sorted(steps, key=lambda step: step[2]), 1):
        after = {"state": state} if state else None
        last = made[-1].hash if made else START
        one = Happened(number, f"asset:{tag}", f"{day}T10:00:00Z", "amy", "", "", now.get(tag), after, last)
        made.append(replace(one, hash=sealed(one)))
        now[tag] = after
    return made


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_opening_plus_in_less_out_is_closing_in_every_month(steps: list[tuple[str, str, date]]) -> None:
    events = history(steps)
    found = movements.books(events, movements.month_starts(date(2030, 3, 15)))
    last = {one.ref: one.after for one in events}
    assert [month.difference for month in found.months] == [0] * movements.MONTHS
    assert all(one.closing == other.opening for one, other in pairwise(found.months))
    assert found.months[-1].closing == sum((one or {}).get("state") in OWNED for one in last.values())
    assert (found.broken, found.events) == ("", len(events))


def test_a_movement_that_is_not_counted_shows_as_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    events = history([("A", "in_stock", date(2030, 1, 2)), ("A", "lost", date(2030, 2, 2))])
    monkeypatch.setattr(movements, "movement", lambda happened: "entered" if happened.number == 1 else "")
    found = movements.books(events, movements.month_starts(date(2030, 3, 15)))
    assert [month.difference for month in found.months][-2:] == [1, 0]
