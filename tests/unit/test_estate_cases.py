"""Cases over time: new, still open, decided, gone, and open again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from inventory.estate.case import Case
from inventory.estate.cases import Decision, Kept, decide, merge
from inventory.estate.coverage import Coverage
from inventory.estate.sighting import SOURCES, SourceRun
from ops.errors import InvalidRequest
from tests.unit.estate import AT, DAY, HOUR, judged, wire

CASE = judged(wire("001122000001"))[0]


def looked(days: int, *failed: str) -> Coverage:
    """All sources looked everywhere, but for those that failed, an hour before a later day's noon."""
    at = AT + days * DAY
    return Coverage(tuple(SourceRun(s, s not in failed, at - HOUR, at - HOUR, ("all",)) for s in SOURCES), at)


def day(number: int) -> date:
    return AT.date() + timedelta(days=number)


def only(kept: Sequence[Kept]) -> Kept:
    assert len(kept) == 1
    return kept[0]


def opened() -> Kept:
    return only(merge([], [CASE], looked(0)))


def test_a_case_is_new_once_and_then_open_with_its_first_day_and_due_day_kept() -> None:
    new = opened()
    later = only(merge([new], [replace(CASE, due=day(9))], looked(2)))
    assert (new.state, later.state) == ("new", "open")
    assert (later.first_seen, later.last_seen, later.case.due) == (AT, AT + 2 * DAY, day(7))
    assert not later.overdue(day(7))
    assert later.overdue(day(8))


def test_merging_the_same_day_twice_changes_nothing() -> None:
    once = merge([], [CASE], looked(0))
    assert merge(once, [CASE], looked(0)) == once


def test_a_case_not_found_again_is_gone_once_all_its_sources_looked() -> None:
    assert only(merge([opened()], [], looked(1))).state == "gone"


@pytest.mark.parametrize("failed", ["wire", "register", "directory"])
def test_a_case_nobody_looked_for_stays_open_and_says_so(failed: str) -> None:
    kept = only(merge([opened()], [], looked(1, failed)))
    assert kept.state == "open"
    assert "failed" in kept.case.not_looked_at[0]


def test_a_scan_of_another_network_makes_no_case_gone() -> None:
    runs = tuple(replace(run, scopes=("10.2.0.0/24",)) if run.source == "wire" else run for run in looked(1).runs)
    assert only(merge([opened()], [], Coverage(runs, AT + DAY))).state == "open"


def test_a_case_that_comes_back_is_open_with_its_first_day_and_a_new_due_day() -> None:
    gone = merge([opened()], [], looked(1))
    back = only(merge(gone, [CASE], looked(20)))
    assert (back.state, back.first_seen, back.case.due) == ("open", AT, day(27))


def test_a_decision_holds_through_its_last_day_and_then_the_case_is_open_again() -> None:
    decided = decide(opened(), "amy.ng", "a printer on trial", day(0), until=day(3))
    assert only(merge([decided], [CASE], looked(3))).state == "decided"
    again = only(merge([decided], [CASE], looked(4)))
    assert (again.state, again.case.due) == ("open", day(11))
    assert again.decision == decided.decision


def test_a_decision_without_end_holds_while_the_case_does() -> None:
    decided = decide(opened(), "amy.ng", "accepted", day(0))
    assert only(merge([decided], [CASE], looked(400))).state == "decided"


@pytest.mark.parametrize("worse", [{"severity": "critical"}, {"word": "FAIL"}])
def test_a_case_that_became_worse_than_what_was_decided_on_is_open_again(worse: dict[str, str]) -> None:
    mild = replace(CASE, severity="low", word="WARN")
    decided = decide(only(merge([], [mild], looked(0))), "amy.ng", "accepted", day(0))
    assert only(merge([decided], [mild], looked(1))).state == "decided"
    assert only(merge([decided], [replace(mild, **worse)], looked(1))).state == "open"  # type: ignore[arg-type]


def test_an_ended_decision_reopens_a_case_also_while_nobody_looked() -> None:
    decided = decide(opened(), "amy.ng", "on trial", day(0), until=day(1))
    assert only(merge([decided], [], looked(2, "wire"))).state == "open"
    assert only(merge([decided], [], looked(1, "wire"))).state == "decided"


@pytest.mark.parametrize(
    ("owner", "decision", "until"), [("", "x", None), ("amy.ng", " ", None), ("amy.ng", "x", day(-1))]
)
def test_a_decision_names_an_owner_says_something_and_is_not_over(
    owner: str, decision: str, until: date | None
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        decide(opened(), owner, decision, day(0), until)
    assert caught.value.hint


def test_nothing_is_decided_on_a_case_that_is_gone() -> None:
    with pytest.raises(InvalidRequest, match="gone"):
        decide(only(merge([opened()], [], looked(1))), "amy.ng", "x", day(1))


def test_gone_cases_come_last_and_the_worst_first() -> None:
    others: list[Case] = [replace(CASE, subject=f"mac:{n}", severity=s) for n, s in enumerate(("low", "critical"))]
    kept = merge([opened()], others, looked(1))
    assert [(one.case.severity, one.state) for one in kept] == [("critical", "new"), ("low", "new"), ("high", "gone")]


def test_a_decision_remembers_how_bad_the_case_was() -> None:
    made = decide(opened(), "amy.ng", "x", day(0)).decision
    assert made == Decision("amy.ng", "x", day(0), None, "high", "FAIL")
