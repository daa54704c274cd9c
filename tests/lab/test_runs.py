"""What was run, looked at afterwards: who it was about, going on with what is complete, undoing out of order."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.lab import Running
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    return desk(tmp_path / "mine", network)


def records(at: Desk) -> int:
    return len(at.ops("evidence", "list", "--json").json["records"])


def test_a_run_that_is_complete_is_not_gone_on_with_and_gets_no_second_record(mine: Desk) -> None:
    assert mine.onboard("Rita", "Again", "RU1").code == 0
    run, before = mine.last_run(), records(mine)
    events = mine.ops("status", "--json").json["events_nobody_else_holds"]
    again = mine.ops("run", "resume", run)
    assert (again.code, f"Run {run} is complete already" in again.err) == (0, True), again.err
    assert mine.ops("run", "resume", run, "--json").json["changed"] == 0
    assert records(mine) == before
    assert mine.ops("status", "--json").json["events_nobody_else_holds"] == events


def test_a_dry_run_is_nothing_to_go_on_with(mine: Desk) -> None:
    words = ("user", "onboard", "--given", "Dora", "--family", "Dry", "--employee", "RU2", "--dry-run")
    assert mine.ops(*words).code == 0
    said = mine.ops("run", "resume", mine.last_run())
    assert (said.code, "nothing to go on with: dry run" in said.err) == (2, True), said.err
    assert mine.ops("account", "show", "dora.dry").code == 1


def test_undone_out_of_order_the_run_that_stands_in_the_way_is_named(mine: Desk) -> None:
    assert mine.onboard("Otto", "Order", "RU3").code == 0
    joined = mine.last_run()
    assert mine.ops("user", "offboard", "--logon", "otto.order", "--successor", "zmueller", "--yes").code == 0
    left = next(run["run"] for run in runs(mine) if run["what"] == "Somebody leaves")
    said = mine.ops("run", "undo", joined, "--yes")
    assert (said.code, f"run {left} changed it since (Somebody leaves)" in said.err) == (6, True), said.err
    assert f"next: undo that first: ops run undo {left}" in said.err
    assert mine.ops("run", "undo", left, "--yes").code == 0
    assert mine.ops("account", "show", "otto.order", "--json").json["enabled"]


def test_what_somebody_else_changed_is_not_blamed_on_a_run(tmp_path: Path, network: Running) -> None:
    first, second = desk(tmp_path / "one", network), desk(tmp_path / "two", network, "apprentice2")
    assert first.onboard("Elsa", "Else", "RU4").code == 0
    assert first.ops("account", "expire", "elsa.else", "2031-01-01", "--yes").code == 0
    run = first.last_run()
    assert first.ops("account", "expire", "elsa.else", "2033-01-01", "--yes").code == 0
    assert first.ops("run", "undo", "last", "--yes").code == 0  # taken back: it stands in nobody's way
    assert first.ops("account", "disable", "elsa.else", "--yes").code == 0  # later, and about something else
    assert second.ops("account", "expire", "elsa.else", "2032-01-01", "--yes").code == 0
    said = first.ops("run", "undo", run, "--yes")
    assert (said.code, "changed it since" in said.err) == (6, False), said.err
    assert "taken back by hand" in said.err


def runs(at: Desk) -> list[dict[str, str]]:
    found: list[dict[str, str]] = at.ops("run", "list", "--json").json["runs"]
    return found


def test_the_list_says_about_whom_until_the_names_are_erased(mine: Desk) -> None:
    assert mine.onboard("Lisa", "List", "RU5").code == 0
    assert runs(mine)[0]["about"] == "Lisa List (lisa.list)"
    assert "Lisa List (lisa.list)" in mine.ops("run", "list").out
    assert mine.ops("evidence", "erase", runs(mine)[0]["run"], "--yes").code == 0
    assert "Lisa" not in mine.ops("run", "list").out
