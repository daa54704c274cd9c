"""Many rows through the command line: stopped, killed, without a key, as data; every batch leaves a record."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inventory.lab import Running
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
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    argv = [sys.executable, "-m", "ops.cli.main", *words]
    running = subprocess.Popen(
        argv, cwd=at.folder, env=kept, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    limit = time.monotonic() + 60
    while sheets(at) < until and running.poll() is None and time.monotonic() < limit:
        time.sleep(0.005)
    return running


@pytest.mark.parametrize("until", [1, 11], ids=["after the first row", "after the tenth part"])
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
    assert (done.code, "1 rows are not in the plan" in done.err) == (5, True), done.err
    assert mine.ops("plan", "apply", "plan.json", "--yes").code == 0
    assert mine.ops("account", "show", "save.able").code == 0
