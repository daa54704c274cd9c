"""The main job through the command line, on a real domain."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.network import Operators
from tests.proxy import Proxy, proxy
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab
Counted = Callable[..., tuple[Desk, Proxy]]


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    """An apprentice's workspace."""
    return desk(tmp_path / "mine", network)


def spoiled(folder: Path, running: Running, **settings: object) -> object:
    """A proxy before the controller."""
    upstream = (running.address, 636)
    return proxy(host=running.controller, upstream=upstream, upstream_ca=running.ca_file, folder=folder, **settings)


def through(tmp_path: Path, running: Running, between: Proxy) -> Desk:
    """A workspace that reaches the controller through a proxy."""
    folder = tmp_path / f"through-{between.port}"
    return desk(folder, running, ca_file=between.ca_file, connect_to="127.0.0.1", port=between.port)


def test_a_dry_run_and_a_second_run_send_no_write(tmp_path: Path, network: Running) -> None:
    with spoiled(tmp_path / "tls", network) as between:
        at = through(tmp_path, network, between)
        assert at.onboard("Dora", "Dry", "D1", "--groups", "role-it", "--dry-run").code == 0
        assert between.writes == 0
        assert at.onboard("Dora", "Dry", "D1", "--groups", "role-it", "--check").code == 3
        assert between.writes == 0
        assert at.onboard("Dora", "Dry", "D1", "--groups", "role-it").code == 0
        made = between.writes
        assert made == 4
        again = at.onboard("Dora", "Dry", "D1", "--groups", "role-it")
        assert (again.code, between.writes) == (0, made)
        assert "already so" in again.out
        assert at.ops("run", "undo", "last", "--yes").code == 0


def test_a_record_is_verified_by_ssh_keygen_as_its_own_text_says(mine: Desk) -> None:
    assert mine.onboard("Rita", "Record", "R1", "--groups", "role-sales", "--ticket", "T-7").code == 0
    run = mine.last_run()
    assert mine.ops("evidence", "export", run, "--to", "out").code == 0
    out = mine.folder / "out"
    person = mine.ops("evidence", "show", run, "--json").json["performer"]["id"]
    key = (out / "performer.pub").read_text()
    (out / "allowed_signers").write_text(f"{person} {key}")
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", person, "-n", "evidence-record-v1"]
    record = (out / f"{run}.json").read_bytes()
    signed = [*command, "-s", f"{run}.json.sig"]
    assert subprocess.run(signed, cwd=out, input=record, capture_output=True, check=False).returncode == 0
    altered = record.replace(b'"M3"', b'"M4"')
    assert subprocess.run(signed, cwd=out, input=altered, capture_output=True, check=False).returncode != 0
    assert mine.ops("evidence", "verify", "out").code == 9
    prints = subprocess.run(["ssh-keygen", "-lf", "performer.pub"], cwd=out, capture_output=True, text=True, check=True)
    assert mine.ops("evidence", "verify", "out", "--fingerprint", prints.stdout.split()[1]).code == 0


def test_the_record_of_an_onboarding_is_read_back_and_counts(mine: Desk) -> None:
    assert mine.onboard("Clara", "Count", "C1", "--groups", "role-sales").code == 0
    body = mine.ops("evidence", "show", mine.last_run(), "--json").json
    assert (body["strength"]["machine"], body["env"]["matched"], body["env"]["class"]) == ("M3", True, "LAB")
    assert {tag["item"] for tag in body["tags"]} >= {"1.C", "4.G"}
    assert body["performer"]["session"]["actor"] == "confirmed by the directory"
    text = str(body)
    assert not [word for word in ("Clara", "clara", "Count", "role-sales", "apprentice1") if word in text]


def test_an_answer_lost_on_the_way_is_unknown_until_resume_reads_it(tmp_path: Path, network: Running) -> None:
    def lose(name: str, number: int) -> bool:
        return name == "modify" and number == 1

    with spoiled(tmp_path / "tls", network, swallow=lose) as between:
        at = through(tmp_path, network, between)
        lost = at.onboard("Lena", "Lost", "L1", "--groups", "role-it")
        assert (lost.code, "ops run resume" in lost.err) == (8, True)
        shown = at.ops("run", "show", "last", "--json").json
        known = [n for n, result in shown["outcomes"].items() if result == "changed"]
        open_ = [one["what"] for n, one in enumerate(shown["changes"]) if str(n) not in known]
        resumed = at.ops("run", "resume", at.last_run())
        assert resumed.code == 0, resumed.err
        said = resumed.err.splitlines()
        first = said.index(f"going on: {len(known)} of {len(shown['changes'])} changes known to be done; left:") + 1
        assert [line.endswith(what) for line, what in zip(said[first:], open_, strict=False)] == [True] * len(open_)
        outcomes = at.ops("run", "show", "last", "--json").json["outcomes"]
        assert sorted(outcomes.values()).count("confirmed") == 1


def test_a_connection_cut_before_the_request_is_made_good_by_resume(tmp_path: Path, network: Running) -> None:
    cut = iter([True, False, *[True] * 100])

    def pass_on(name: str, number: int) -> bool:
        return name != "modify" or next(cut)

    with spoiled(tmp_path / "tls", network, before=pass_on) as between:
        at = through(tmp_path, network, between)
        assert at.onboard("Cora", "Cut", "K1", "--groups", "role-it,role-sales").code == 8
        assert at.ops("run", "resume", "last").code == 0
        shown = at.ops("account", "show", "cora.cut", "--json")
        assert shown.code == 0, shown.err
        assert shown.json["enabled"] is True


def test_two_operators_at_once_one_wins_and_the_other_is_told(
    tmp_path: Path, network: Running, operators: Operators
) -> None:
    first, second = desk(tmp_path / "one", network), desk(tmp_path / "two", network, "apprentice2")
    assert first.onboard("Race", "Car", "RC1").code == 0
    assert first.ops("account", "expire", "race.car", "2031-01-01", "--save-plan", "plan.json").code == 0
    assert second.ops("account", "expire", "race.car", "2032-02-02", "--yes").code == 0
    late = first.ops("plan", "apply", "plan.json", "--yes")
    assert late.code == 6
    shown = first.ops("account", "show", "race.car").out
    assert "2032-02-02" in shown
    status = first.ops("run", "list", "--json").json["runs"][0]["status"]
    assert status == "refused"


def test_two_operators_at_the_same_moment_one_wins_and_what_stands_is_the_winners(
    tmp_path: Path, network: Running
) -> None:
    desks = [desk(tmp_path / name, network, account) for name, account in (("a", "apprentice1"), ("b", "apprentice2"))]
    assert desks[0].onboard("Same", "Moment", "SM1").code == 0
    for year in range(2031, 2037):
        days = [f"{year}-0{number + 1}-01" for number in range(2)]
        for at, day in zip(desks, days, strict=True):
            assert at.ops("account", "expire", "same.moment", day, "--save-plan", f"{day}.json").code == 0
        with ThreadPoolExecutor() as pool:
            done = list(pool.map(lambda at, day: at.ops("plan", "apply", f"{day}.json", "--yes"), desks, days))
        assert sorted(one.code for one in done) == [0, 6], [one.err for one in done]
        winner = days[[one.code for one in done].index(0)]
        assert winner in desks[0].ops("account", "show", "same.moment").out


def test_undo_puts_back_what_it_can_says_what_it_cannot_and_leaves_others_edits_alone(
    tmp_path: Path, network: Running
) -> None:
    first, second = desk(tmp_path / "one", network), desk(tmp_path / "two", network, "apprentice2")
    assert first.onboard("Una", "Undo", "U1", "--groups", "role-it").code == 0
    run = first.last_run()
    assert second.ops("group", "add-member", "una.undo", "role-sales", "--yes").code == 0
    undone = first.ops("run", "undo", run, "--yes")
    assert undone.code == 0, undone.err
    kept = first.ops("account", "show", "una.undo", "--json").json
    assert (kept["enabled"], kept["groups"]) == (False, ["role-sales"])
    assert "OU=Leavers" in kept["dn"]
    reset = second.ops("account", "reset-password", "zmueller", "--yes")
    assert reset.code == 0, reset.err
    back = second.ops("run", "undo", "last", "--dry-run")
    assert "cannot be taken back" in back.err


def test_a_saved_plan_is_applied_once_and_then_out_of_date(mine: Desk) -> None:
    words = ["--given", "Sam", "--family", "Saved", "--employee", "S1", "--save-plan", "plan.json"]
    assert mine.ops("user", "onboard", *words).code == 0
    assert (mine.folder / "plan.json").stat().st_mode & 0o777 == 0o600
    assert mine.ops("plan", "apply", "plan.json", "--yes").code == 0
    assert mine.ops("plan", "apply", "plan.json", "--yes").code == 6


def test_guards_refuse_on_the_real_server_what_they_refuse_in_memory(mine: Desk) -> None:
    refused = [
        ("account", "disable", "old.admin"),
        ("account", "reset-password", "marked.admin"),
        ("account", "disable", "apprentice1"),
        ("account", "disable", "svc-backup"),
        ("account", "expire", "krbtgt", "2031-01-01"),
        ("account", "disable", "administrator"),
        ("account", "disable", "WS1$"),
        ("group", "add-member", "lock.smith", "role-legacy-admins"),
        ("group", "add-member", "lock.smith", "DnsAdmins"),
        ("group", "add-member", "lock.smith", "Backup Operators"),
    ]
    for words in refused:
        said = mine.ops(*words, "--yes")
        assert (words, said.code) == (words, 6), said.err


def test_an_audit_finds_what_is_planted_and_says_what_it_did_not_look_at(mine: Desk) -> None:
    found = mine.ops("audit", "run", "passwords", "--json").json
    who = {finding["about"].split("(")[1][:-1] for finding in found["findings"]}
    assert {"ever.green", "new.password"} <= who
    assert found["seen"][0]["not_looked_at"]
    assert mine.ops("audit", "run", "passwords", "--fail-on", "warn").code == 3


def test_many_rows_stand_each_for_itself_and_a_second_run_does_the_rest(mine: Desk) -> None:
    rows = ["given,family,employee,groups"]
    rows += [f"Bulk{n},Row,BR{n},role-it" for n in range(12)]
    rows += ["Bad,Row,BR90,no-such-group", "Twin,Row,BR3,role-it"]
    (mine.folder / "rows.csv").write_text("\n".join(rows) + "\n")
    words = ["user", "onboard", "--rows", "rows.csv", "--yes", "--max-fail", "5", "--results", "out.csv"]
    first = mine.ops(*words)
    assert first.code == 5, first.err
    assert "12 rows done, 0 were so already, 2 failed" in first.err
    results = (mine.folder / "out.csv").read_text()
    assert "no group no-such-group" in results
    assert "line 5 is about employee BR3 too" in results
    (mine.folder / "rows.csv").write_text("\n".join(rows[:13]) + "\nBad,Row,BR90,role-it\n")
    second = mine.ops(*words)
    assert "1 row done, 12 were so already, 0 failed" in second.err
    assert len(list((mine.folder / "state/handover").glob("*.txt"))) == 13
