"""Whose approval an environment wants, under which plan, and what is asked before production is touched."""

from __future__ import annotations

import itertools
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest

from inventory.lab import Running
from ops.plan import load
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab


@pytest.fixture
def mentor(tmp_path: Path, network: Running) -> Desk:
    return desk(tmp_path / "mentor", network, "apprentice2")


@pytest.fixture
def mine(tmp_path: Path, network: Running, mentor: Desk) -> Desk:
    """A workspace in which a mentor must approve whatever is changed."""
    at = desk(tmp_path / "mine", network)
    set_to(at, 'reversible = "nobody"', 'reversible = "mentor"')
    set_to(at, 'irreversible = "nobody"', 'irreversible = "mentor"')
    enrol(at, "mentor", mentor)
    return at


def set_to(at: Desk, before: str, after: str) -> None:
    path = at.folder / "ops.toml"
    text = path.read_text()
    assert before in text
    path.write_text(re.sub(f"(?m)^{re.escape(before)}", after, text))


def public_key(of: Desk) -> str:
    return " ".join((of.folder / "state/id_evidence.pub").read_text().split()[:2])


def enrol(at: Desk, name: str, of: Desk, options: str = 'namespaces="journeyman-plan-v1"') -> None:
    (at.folder / "approvers").write_text(f"{name} {options} {public_key(of)}\n")


def saved(at: Desk, *words: str) -> Path:
    assert at.ops(*words, "--save-plan", "plan.json").code == 0
    return at.folder / "plan.json"


YEARS = itertools.count(2031)


def expire() -> tuple[str, ...]:
    """A change that nobody has made yet."""
    return ("account", "expire", "was.here", f"{next(YEARS)}-05-01")


def test_a_plan_is_applied_only_with_the_signature_of_who_must_approve(mine: Desk, mentor: Desk) -> None:
    alone = mine.ops(*expire(), "--yes")
    assert (alone.code, "needs the approval of mentor" in alone.err) == (4, True)
    plan = saved(mine, *expire())
    assert mine.ops("plan", "apply", str(plan), "--yes").code == 4
    assert mentor.ops("plan", "approve", str(plan)).code == 0
    assert mine.ops("plan", "apply", str(plan), "--yes").code == 0
    body = mine.ops("evidence", "show", "last", "--json").json
    assert body["op"]["approved_by"] == mentor.ops("status", "--json").json["key"]
    assert "approved    by key" in mine.ops("evidence", "show", "last").out


def test_taking_it_back_needs_the_approval_too(mine: Desk, mentor: Desk) -> None:
    plan = saved(mine, "account", "expire", "con.tractor", "2031-06-01")
    assert mentor.ops("plan", "approve", str(plan)).code == 0
    assert mine.ops("plan", "apply", str(plan), "--yes").code == 0
    run = mine.last_run()
    assert mine.ops("run", "undo", run, "--yes").code == 4
    back = saved(mine, "run", "undo", run)
    assert mentor.ops("plan", "approve", str(back)).code == 0
    undone = mine.ops("plan", "apply", str(back), "--yes")
    assert undone.code == 0, undone.err
    assert mine.ops("evidence", "show", "last", "--json").json["op"]["undoes"] == run


def test_nobody_approves_a_plan_of_their_own(mine: Desk) -> None:
    enrol(mine, "mentor", mine)
    plan = saved(mine, *expire())
    assert mine.ops("plan", "approve", str(plan)).code == 0
    said = mine.ops("plan", "apply", str(plan), "--yes")
    assert (said.code, "of their own" in said.err) == (4, True)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("mentor", 'namespaces="something-else"', "not enrolled"),
        ("mentor", 'valid-before="20200101Z"', "not enrolled"),
        ("janitor", 'namespaces="journeyman-plan-v1"', "janitor signed it"),
    ],
)
def test_a_signature_counts_only_from_who_is_enrolled_for_it_now(
    mine: Desk, mentor: Desk, name: str, options: str, said: str
) -> None:
    enrol(mine, name, mentor, options)
    plan = saved(mine, *expire())
    assert mentor.ops("plan", "approve", str(plan)).code == 0
    done = mine.ops("plan", "apply", str(plan), "--yes")
    assert (done.code, said in done.err) == (4, True), done.err


def test_a_signature_under_another_plan_does_not_count(mine: Desk, mentor: Desk) -> None:
    other = saved(mine, *expire())
    assert mentor.ops("plan", "approve", str(other)).code == 0
    signature = (mine.folder / "plan.json.approval").read_text()
    plan = saved(mine, *expire())
    (mine.folder / "plan.json.approval").write_text(signature)
    said = mine.ops("plan", "apply", str(plan), "--yes")
    assert (said.code, "does not count" in said.err) == (4, True), said.err


def test_a_required_ticket_is_asked_for_before_anything_is_planned(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "mine", network)
    set_to(at, "ticket = false", "ticket = true")
    without = at.ops("account", "unlock", "lock.smith", "--yes")
    assert (without.code, "--ticket" in without.err) == (4, True)
    assert at.ops("account", "unlock", "lock.smith", "--yes", "--ticket", "T-9").code == 0


def test_what_must_be_given_is_asked_for_by_every_way_to_change_something(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "mine", network)
    assert at.onboard("Tick", "Et", "TI1").code == 0
    run = at.last_run()
    set_to(at, "ticket = false", "ticket = true")
    (at.folder / "rows.csv").write_text("given,family,employee\nTick,Rows,TI2\n")
    for words in (("user", "onboard", "--rows", "rows.csv", "--yes"), ("run", "undo", run, "--yes")):
        done = at.ops(*words)
        assert (done.code, "--ticket" in done.err) == (4, True), done.err
        assert at.ops("run", "list", "--json").json["runs"][0]["status"] == "refused"
    assert at.ops("account", "show", "tick.rows").code == 1
    assert at.ops("run", "undo", run, "--yes", "--ticket", "T-1").code == 0


def test_no_row_gets_round_the_approval_that_the_first_one_did_not_need(mine: Desk) -> None:
    for kind in ("reversible", "irreversible"):
        set_to(mine, f'{kind} = "mentor"', f'{kind} = "nobody"')
    assert mine.onboard("First", "Row", "AP1").code == 0
    for kind in ("reversible", "irreversible"):
        set_to(mine, f'{kind} = "nobody"', f'{kind} = "mentor"')
    (mine.folder / "rows.csv").write_text("given,family,employee\nFirst,Row,AP1\nSecond,Row,AP2\n")
    done = mine.ops("user", "onboard", "--rows", "rows.csv", "--yes")
    assert (done.code, "needs the approval" in done.err) == (4, True), done.err
    assert mine.ops("account", "show", "second.row").code == 1


def test_a_plan_file_whose_guards_were_taken_out_is_not_applied_whatever_its_hash_says(
    tmp_path: Path, network: Running
) -> None:
    at = desk(tmp_path / "mine", network)
    made = load(saved(at, *expire()).read_text())
    bare = replace(made, items=tuple(replace(item, premises=()) for item in made.items))
    (at.folder / "plan.json").write_text(bare.dump())
    done = at.ops("plan", "apply", "plan.json", "--yes")
    assert (done.code, "other changes or guards" in done.err) == (6, True), done.err


def typed(at: Desk, *words: str) -> pexpect.spawn:
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    words = ("-m", "ops.cli.main", *words)
    return pexpect.spawn(sys.executable, list(words), cwd=at.folder, env=environment, timeout=20, encoding="utf-8")


def test_production_is_red_and_wants_its_name_typed(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "mine", network)
    set_to(at, 'class = "LAB"', 'class = "PRODUCTION"')
    asked = typed(at, *expire())
    asked.expect("\x1b\\[31m.*PRODUCTION lab.example")
    asked.expect("Type lab.example to go ahead")
    asked.sendline("y")
    asked.expect("you said no; nothing was changed")
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 4
    agreed = typed(at, "account", "disable", "was.here")
    assert "already so" in agreed.read()
    agreed.close()
    assert agreed.exitstatus == 0


def test_no_colour_where_nobody_wants_it(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "mine", network)
    for words in (("--no-color", "group", "show", "nothing"), ("group", "show", "nothing")):
        shown = typed(at, *words)
        text = shown.read()
        shown.close()
        assert ("\x1b[" in text) == (words[0] != "--no-color")
