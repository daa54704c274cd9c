"""What the report on licences asks to be decided before a term ends, and that it draws nothing it did not evaluate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory.register.store import Register
from inventory.report.licences import workbook as licences
from inventory.report.parts import Workbook
from tests.unit import report_estate as estate
from tests.unit.report_estate import inputs, laptop, lights, put, tiles, told

LINE = {
    **{"product": "microsoft.visio", "metric": "named-user", "starts": "2029-01-01", "quantity": "40", "proof": "ab"},
    **{"unit_cost": "38.40", "currency": "EUR", "term_months": "12"},
}


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    made = estate.register(tmp_path, filled=False)
    yield made
    made.close()


def report(register: Register) -> tuple[Workbook, dict[str, list[dict[str, Any]]]]:
    """The report of 15 March 2030, and its tables."""
    with register.reading() as seen:
        made = licences.workbook(seen, inputs(seen, "licences"))
        return made, told(made)


CASES = {
    "it ends, and nobody has to give notice": (
        {"ends": "2030-04-20"},
        "Order the next term of vis-1 (Visio, 1,536.00 EUR), or let it end on 2030-04-20.",
        ("RENEWAL", "medium", "2030-04-20", "WARN"),
    ),
    "it ends within a month": (
        {"ends": "2030-04-10"},
        "Order the next term of vis-1 (Visio, 1,536.00 EUR), or let it end on 2030-04-10.",
        ("RENEWAL", "high", "2030-04-10", "FAIL"),
    ),
    "it renews by itself unless notice is given": (
        {"ends": "2030-06-30", "auto_renew": "yes", "notice_days": "30"},
        "Keep vis-1 (Visio, 1,536.00 EUR) for another term, or give notice by 2030-05-31.",
        ("NOTICE", "medium", "2030-05-31", "WARN"),
    ),
    "notice can be given, and it ends": (
        {"ends": "2030-06-30", "notice_days": "30"},
        "Keep vis-1 (Visio, 1,536.00 EUR) or not: the last day for notice is 2030-05-31.",
        ("NOTICE", "medium", "2030-05-31", "WARN"),
    ),
    "it renews by itself, and it is too late for notice": (
        {"ends": "2030-04-10", "auto_renew": "yes", "notice_days": "30"},
        "",
        ("RENEWAL", "info", "2030-04-10", "WARN"),
    ),
    "it was to be given notice, did not renew, and ends": (
        {"ends": "2030-04-10", "notice_days": "30"},
        "Order the next term of vis-1 (Visio, 1,536.00 EUR), or let it end on 2030-04-10.",
        ("RENEWAL", "high", "2030-04-10", "FAIL"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_decided_and_done_before_a_term_ends(register: Register, case: str) -> None:
    term, decision, (rule, severity, due, light) = CASES[case]
    with register.writing() as pen:
        put(pen, "entitlement:vis-1", **LINE, **term)
        put(pen, "seat:vis-1/p0", entitlement="vis-1", holder="person:p0", quantity="3", since="2029-02-01")
    made, tables = report(register)
    assert made.summary
    assert [one for one in made.summary.decisions if "vis-1" in one] == ([decision] if decision else [])
    (action,) = (row for row in tables["actions"] if row["Action"].partition("-")[0] in ("NOTICE", "RENEWAL"))
    assert (action["Action"].partition("-")[0], action["Severity"], action["Due"]) == (rule, severity, due)
    assert action["Finding"].endswith("Given to nobody: 37 of 40.")
    assert action["At stake"] == {"amount": "1536.00", "currency": "EUR"}
    assert (lights(made)["Renewals"], tiles(made)["Renewals in 90 days"]) == (light, 1)


@pytest.mark.parametrize("term", [{"ends": "2030-06-14"}, {"ends": "2031-01-01", "notice_days": "30"}, {}])
def test_what_is_further_off_than_ninety_days_is_in_the_calendar_alone(
    register: Register, term: dict[str, str]
) -> None:
    with register.writing() as pen:
        put(pen, "entitlement:vis-1", **LINE, **term)
    made, tables = report(register)
    assert made.summary
    assert not [one for one in made.summary.decisions if "term" in one or "notice" in one]
    assert (lights(made)["Renewals"], tiles(made)["Renewals in 90 days"]) == ("PASS", 0)
    assert bool(tables["renewals"]) == bool(term)


def test_what_was_not_evaluated_is_neither_drawn_nor_foretold(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1", "deployed", holder="person:p0")
        put(pen, "entitlement:vis-1", **LINE)
        put(pen, "seat:vis-1/p0", entitlement="vis-1", holder="person:p0", quantity="1", since="2029-02-01")
    made, tables = report(register)
    assert made.summary
    (row,) = tables["position"]
    assert (row["Status"], row["Effective"], row["Position"], row["Shortfall"]) == ("NOT EVALUATED", 40, None, None)
    assert (tables["compared"], made.summary.charts) == ([], [])
    assert "Owned and needed: 1 position not evaluated" in str(made.summary.not_covered)
    (ahead,) = tables["forecast"]
    assert [ahead[name] for name in ("Low", "Mid", "High", "To buy (mid)")] == [None] * 4


def test_a_grade_says_what_made_it(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1")
        put(pen, "entitlement:vis-1", **{**LINE, "proof": ""})
    made, tables = report(register)
    assert tables["position"][0]["Grade, and why"].startswith("D: ")
    assert {"coverage", "proof"} <= set(tables["position"][0]["Grade, and why"][3:].split(", "))
    assert "Grade: how far" in next(table.note for table in made.tables if table.name == "position")
    assert tiles(made)["Licences without proof"] == 1


def test_no_sheet_speaks_in_keys_of_products_holders_or_statuses(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1", "deployed", holder="person:p0")
        put(pen, "entitlement:vis-1", **LINE, ends="2030-04-20")
        for holder in ("person:p0", "asset:LAP-1"):
            put(pen, f"seat:vis-1/{holder[:3]}", entitlement="vis-1", holder=holder, quantity="1", since="2029-02-01")
    made, tables = report(register)
    said = str(tables) + str(made.summary)
    keys = ("microsoft.visio", "person:", "asset:", "NOT_EVALUATED", "named-user'")
    assert [one for one in keys if one in said] == []
    assert {row["Holder"] for row in tables["allocations"]} == {"p0", "LAP-1"}


def test_computers_that_do_not_count_are_told_apart_from_those_that_do(register: Register) -> None:
    with register.writing() as pen:
        laptop(pen, "LAP-1")
        laptop(pen, "LAP-2", "retired")
        put(pen, "entitlement:vis-1", **LINE)
    made, _ = report(register)
    assert made.summary
    assert made.summary.scope.startswith("1 licence, 1 computer in use, on the shelf or in repair (1 more are not)")
    (seen,) = (light for light in estate.each_light(made) if light.subject == "Inventories")
    assert seen.reason.startswith("0 of 1 computers")
