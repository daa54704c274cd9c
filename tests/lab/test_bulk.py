"""Many rows through the command line: stopped, killed, without a key, as data; every batch leaves a record."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.warm import usual
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab
HEAD = "given,family,employee,groups\n"


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    return desk(tmp_path / "mine", network)


def rows(at: Desk, name: str, count: int) -> tuple[str, ...]:
    """A file of starters, and the command that works through it."""
    text = "".join(f"{name}{n},Bulk,{name}{n},role-it\n" for n in range(count))
    (at.folder / f"{name}.csv").write_text(HEAD + text)
    return ("user", "onboard", "--rows", f"{name}.csv", "--yes")


def sheets(at: Desk) -> int:
    return len(list((at.folder / "state/handover").glob("*.txt")))


def begun(at: Desk, words: tuple[str, ...], until: int) -> subprocess.Popen[str]:
    """The command in the background, when so many sheets are there."""
    argv = [sys.executable, "-m", "ops.cli.main", *words]
    running = subprocess.Popen(
        argv, cwd=at.folder, env=usual(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    limit = time.monotonic() + 60
    while sheets(at) < until and running.poll() is None and time.monotonic() < limit:
        time.sleep(0.005)
    return running


@pytest.mark.parametrize(
    "until",
    [pytest.param(1, id="after the first row", marks=pytest.mark.night), pytest.param(11, id="after the tenth part")],
)
def test_ctrl_c_between_two_batches_is_heard(mine: Desk, until: int) -> None:
    words = rows(mine, f"Stop{until}x", 60)
    running = begun(mine, words, until)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert sheets(mine) < 60
    assert mine.ops(*words).code == 0
    assert sheets(mine) == 60


def test_killed_half_way_a_second_run_does_what_is_left_and_nobody_is_there_twice(mine: Desk) -> None:
    words = rows(mine, "Kill", 40)
    running = begun(mine, words, 3)
    time.sleep(0.4)
    running.kill()
    running.communicate(timeout=60)
    second = mine.ops(*words)
    assert second.code == 0, second.err
    for run in mine.ops("status", "--json").json["unfinished"]:
        resumed = mine.ops("run", "resume", run)
        assert resumed.code in (0, 5, 6, 8), resumed.err
    found = mine.ops("user", "show", "Bulk", "--json").json["people"]
    names = [one["logon_name"] for one in found if one["logon_name"].startswith("kill")]
    assert sorted(names) == sorted(f"kill{n}.bulk" for n in range(40))
    assert mine.ops(*words[:-1], "--check").code == 0


def test_without_a_key_nobody_is_made(mine: Desk) -> None:
    key = mine.folder / "state/id_evidence"
    for spoil in (lambda: key.rename(key.with_name("elsewhere")), lambda: key.write_text("not a key")):
        spoil()
        done = mine.ops(*rows(mine, "Keyless", 2))
        assert done.code in (7, 9), done.err
        assert "Traceback" not in done.err
        assert sheets(mine) == 0
    assert mine.ops("account", "show", "keyless0.bulk").code == 1


def test_a_batch_with_nothing_to_do_or_nothing_that_can_be_done_is_a_record_too(mine: Desk) -> None:
    words = rows(mine, "Rec", 2)
    assert mine.ops(*words).code == 0
    again = mine.ops(*words, "--json")
    runs = [one for one in mine.ops("run", "list", "--json").json["runs"] if one["run"].startswith(again.json["run"])]
    assert {one["status"] for one in runs} == {"already so"}
    (mine.folder / "bad.csv").write_text(HEAD + "Bad,Row,BD1,no-such-group\n")
    bad = mine.ops("user", "onboard", "--rows", "bad.csv", "--yes")
    assert bad.code == 5
    assert "already so, there is nothing" not in bad.out
    assert mine.ops("run", "list", "--json").json["runs"][0]["status"] == "refused"


@pytest.mark.parametrize("more", [("--yes",), ("--dry-run",), ("--check",)])
def test_as_data_it_is_one_document_whatever_comes_of_it(mine: Desk, more: tuple[str, ...]) -> None:
    (mine.folder / "rows.csv").write_text(HEAD + f"Json{more[0][2:4]},Doc,JD{more[0]},role-it\nBad,Doc,JB,no-such\n")
    done = mine.ops("user", "onboard", "--rows", "rows.csv", "--json", *more)
    assert done.code == 5, done.err
    assert json.loads(done.out)["failed"] == 1


def test_rows_that_cannot_be_planned_are_not_passed_over_in_a_saved_plan(mine: Desk) -> None:
    (mine.folder / "rows.csv").write_text(HEAD + "Save,Able,SV1,role-it\nBad,Doc,SV2,no-such\n")
    done = mine.ops("user", "onboard", "--rows", "rows.csv", "--save-plan", "plan.json")
    assert (done.code, "1 row is not in the plan" in done.err) == (5, True), done.err
    assert mine.ops("plan", "apply", "plan.json", "--yes").code == 0
    assert mine.ops("account", "show", "save.able").code == 0


def test_plan_run_and_record_agree_on_what_is_not_done_here(mine: Desk) -> None:
    """A file is rehearsed from memory first, and what a rehearsal cannot know is no finding about a host."""
    alone = mine.ops("user", "onboard", "--given", "Sol", "--family", "O", "--employee", "SO1", "--yes", "--json")
    expected = alone.json["not_done_here"]
    words = rows(mine, "Agree", 14)[:-1]
    assert mine.ops(*words, "--dry-run", "--json").json["not_done_here"] == expected
    said = mine.ops(*words, "--dry-run")
    assert ("not done here" in said.out) == bool(expected)
    done = mine.ops(*words, "--yes", "--json").json
    assert (done["done"], done["not_done_here"]) == (14, expected)
    for batch in (1, 2, 3):
        record = mine.ops("evidence", "show", f"{done['run']}-{batch}", "--json").json
        assert record["op"].get("not_done", []) == expected


def test_the_end_says_what_waits_and_each_way_back_and_the_ways_back_work(mine: Desk) -> None:
    words = rows(mine, "End", 3)
    done = mine.ops(*words)
    assert done.code == 0, done.err
    run = mine.last_run().partition("-")[0]
    assert "3 rows done, 0 were so already, 0 failed" in done.err
    assert "3 sheets to hand over: ops handover list" in done.err
    assert f"to take back  ops run undo {run}-2, then {run}-1" in done.err
    whole = mine.ops("run", "undo", run, "--yes")
    assert (whole.code, f"{run}-2 (lines 3 to 4), {run}-1 (line 2)" in whole.err) == (2, True), whole.err
    assert f"next: ops run undo {run}-2, then {run}-1" in whole.err
    assert "none of them is unfinished" in mine.ops("run", "resume", run).err
    for batch in (2, 1):
        assert mine.ops("run", "undo", f"{run}-{batch}", "--yes").code == 0
    assert mine.ops("account", "show", "end0.bulk").code == 1


def test_one_row_is_one_row(mine: Desk) -> None:
    words = rows(mine, "Single", 1)
    assert "1 row, " in mine.ops(*words[:-1], "--dry-run").err
    done = mine.ops(*words)
    run = mine.last_run()
    assert f"records       {run}\n" in done.err
    assert "1 row done, 0 were so already" in done.err


def test_where_nothing_is_to_do_nobody_is_asked(mine: Desk) -> None:
    words = rows(mine, "Asked", 3)[:-1]
    refused = mine.ops(*words)
    assert (refused.code, "nobody can be asked" in refused.err) == (4, True), refused.err
    assert mine.ops("account", "show", "asked0.bulk").code == 1
    assert mine.ops(*words, "--yes").code == 0
    again = mine.ops(*words)
    assert (again.code, "0 rows done, 3 were so already" in again.err) == (0, True), again.err
    file = mine.folder / "Asked.csv"
    file.write_text(file.read_text() + "Late,Bulk,Late1,role-it\n")
    asked = mine.ops(*words)
    assert (asked.code, "of 4 rows in Asked.csv, the first; it is done" in asked.err) == (4, True), asked.err
    assert "Late Bulk" in asked.out


def test_after_a_batch_that_was_resumed_the_rest_of_the_file_is_named(mine: Desk) -> None:
    words = rows(mine, "Rest", 40)
    running = begun(mine, words, 3)
    running.kill()
    running.communicate(timeout=60)
    unfinished = mine.ops("status", "--json").json["unfinished"]
    for run in unfinished:
        resumed = mine.ops("run", "resume", run)
        assert resumed.code == 0, resumed.err
        assert "for the rows after it again: ops user onboard --rows FILE" in resumed.err
    assert mine.ops(*words).code == 0
    assert sheets(mine) == 40
