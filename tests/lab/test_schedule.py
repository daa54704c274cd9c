"""Work by date on real servers: due, missed, done once, failed, left half done; a machine's key counts for nobody."""

from __future__ import annotations

import fcntl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.identity import Identity
from inventory.lab import Running
from inventory.load import load
from ops.adapters.pages_folder import PagesFolder
from ops.adapters.schedule import ProjectedSchedule, job_name
from tests.lab.test_leaving import BOSS, hired
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    if not network.linux:
        pytest.skip(f"mode {network.mode} has no Linux hosts")
    return desk(tmp_path / "mine", network)


def schedule(at: Desk) -> PagesFolder:
    return PagesFolder(at.folder / "state/schedule", ProjectedSchedule)


def leaving(at: Desk, who: str, days: int) -> str:
    """Put somebody's leaving on a day, past ones too, as the days that go by would."""
    day = datetime.now(UTC).date() + timedelta(days=days)
    name = job_name("user/offboard", who, day)
    answers = {"logon": who}
    schedule(at).put(name, {"on": day.isoformat(), "playbook": "user/offboard", "answers": answers, "why": ""})
    return name


def states(at: Desk) -> dict[str, str]:
    return {row["whom"]: row["state"] for row in at.ops("schedule", "list", "--json").json["jobs"]}


def test_what_is_due_is_done_once_with_a_record_and_what_is_not_waits(mine: Desk, network: Running) -> None:
    due, later = hired(mine, network, "Dated", "S1"), hired(mine, network, "Later", "S2")
    leaving(mine, due, 0)
    leaving(mine, later, 5)
    assert states(mine) == {due: "DUE", later: "waiting"}
    done = mine.ops("schedule", "run-due", "--json")
    assert done.code == 0, done.out
    (job,) = done.json["jobs"]
    assert (job["state"], states(mine)) == ("done", {due: "done", later: "waiting"})
    assert mine.ops("run", "show", job["run"], "--json").json["status"] == "completed"
    assert mine.ops("account", "show", due, "--json").json["enabled"] is False
    assert mine.ops("account", "show", later, "--json").json["enabled"] is True
    assert mine.ops("schedule", "run-due", "--json").json["jobs"] == []


def test_a_missed_date_is_red_in_status_and_a_failure_of_the_doctor(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Missed", "S3")
    name = leaving(mine, who, -3)
    assert f"{name} MISSED" in mine.ops("status").out
    doctor = mine.ops("doctor")
    assert (doctor.code, "MISSED" in doctor.out) == (1, True)
    assert mine.ops("schedule", "run-due").code == 0
    assert "MISSED" not in mine.ops("status").out
    assert states(mine) == {who: "done"}


def test_one_that_fails_does_not_stop_the_next_and_is_said(mine: Desk, network: Running) -> None:
    leaving(mine, "nobody.here", 0)
    who = hired(mine, network, "Next", "S4")
    leaving(mine, who, 0)
    done = mine.ops("schedule", "run-due")
    assert done.code == 5, done.err
    assert states(mine) == {"nobody.here": "failed", who: "done"}
    assert "failed" in mine.ops("status").out


def test_a_job_whose_run_has_no_end_is_unfinished_and_never_done_again(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Half", "S5")
    schedule(mine).note(leaving(mine, who, 0), run="ABCD2345")
    assert states(mine) == {who: "unfinished"}
    assert mine.ops("schedule", "run-due", "--json").json["jobs"] == []
    assert mine.ops("account", "show", who, "--json").json["enabled"] is True


def test_of_two_at_once_one_does_the_work(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Atonce", "S6")
    leaving(mine, who, 0)
    with (mine.folder / "state/schedule/.lock").open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        busy = mine.ops("schedule", "run-due", "--json")
    assert (busy.code, busy.json) == (0, busy.json | {"busy": True, "jobs": []})
    assert states(mine) == {who: "DUE"}


def test_a_starter_is_put_on_the_schedule_with_answers_that_are_checked(mine: Desk) -> None:
    words = ["--answer", "given=Tom", "--answer", "family=Orrow", "--answer", "employee=S7"]
    assert mine.ops("schedule", "add", "user/onboard", "--on", "2099-01-31", *words).code == 0
    assert list(states(mine).values()) == ["waiting"]
    for wrong, said in (
        (["user/nothing", "--on", "2099-01-31"], "there is no playbook"),
        (["user/onboard", "--on", "2099-02-31", *words], "is not a date"),
        (["user/onboard", "--on", "2020-01-31", *words], "not a day to come"),
        (["user/onboard", "--on", "2099-01-31", "--answer", "given=Tom"], "must be given"),
        (["user/onboard", "--on", "2099-01-31", *words, "--answer", "colour=red"], "does not ask for colour"),
        (["user/onboard", "--on", "2099-01-31", "--answer", "Tom"], "is no answer"),
    ):
        done = mine.ops("schedule", "add", *wrong)
        assert (done.code in (1, 2), said in done.err) == (True, True), done.err
    (job,) = mine.ops("schedule", "list", "--json").json["jobs"]
    assert mine.ops("schedule", "remove", job["job"], "--yes").code == 0
    assert states(mine) == {}


def test_the_timer_is_printed_and_nothing_is_installed(mine: Desk) -> None:
    unit, line = mine.ops("schedule", "timer").out, mine.ops("schedule", "timer", "--cron").out
    assert f"WorkingDirectory={mine.folder}" in unit
    assert "NoNewPrivileges=yes" in unit
    assert line.count("\n") == 1


def test_what_a_machine_did_by_date_counts_for_nobody(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "mine", network)
    (at.folder / "state/identity.json").unlink()
    Identity.create(load(at.folder).state, "machine", role="service")
    leaving(at, hired(at, network, "Machine", "S8"), 0)
    (job,) = at.ops("schedule", "run-due", "--json").json["jobs"]
    record = at.ops("evidence", "show", job["run"], "--json").json
    assert (record["performer"]["role"], record["tags"]) == ("service", [])
    assert "counts for  nobody" in at.ops("evidence", "show", job["run"]).out
    assert at.ops("evidence", "verify").code == 0


def test_what_was_meant_for_somebody_else_is_done_to_nobody(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Namesake", "S9")
    name = leaving(mine, who, 0)
    schedule(mine).note(name, employee="another")
    done = mine.ops("schedule", "run-due")
    assert (done.code, "was employee another and is now employee NamesakeS9" in done.err) == (5, True), done.err
    assert mine.ops("account", "show", who, "--json").json["enabled"] is True
    assert "was employee another" in mine.ops("schedule", "list").out


def test_who_has_people_and_nobody_to_follow_loses_access_all_the_same(mine: Desk, network: Running) -> None:
    assert mine.onboard("Headless", "Leaver", "S10").code == 0
    head = "headless.leaver"
    assert mine.onboard("Orphan", "Leaver", "S11", "--manager", head).code == 0
    name = leaving(mine, head, 0)
    (job,) = mine.ops("schedule", "run-due", "--json").json["jobs"]
    assert (job["state"], "user cut-off was done (run " in job["said"]) == ("failed", True), job
    assert mine.ops("account", "show", head, "--json").json["enabled"] is False
    schedule(mine).note(name, answers={"logon": head, "successor": BOSS})
    assert mine.ops("schedule", "retry", name).code == 0
    assert mine.ops("schedule", "run-due").code == 0
    assert states(mine) == {head: "done"}
    refused = mine.ops("schedule", "retry", name)
    assert (refused.code, "is done" in refused.err) == (2, True)


def test_a_job_for_nobody_is_refused_when_it_is_made(mine: Desk) -> None:
    done = mine.ops("schedule", "add", "user/offboard", "--on", "2099-01-31", "--answer", "logon=nobody.here")
    assert (done.code, "no account nobody.here" in done.err) == (1, True), done.err
