"""Real work on the practice network, counted: five frameworks, a mentor's decision, and a second look months later."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.unit import school as schools
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab
MIXED = """\
title: A desk is ready for somebody
help: the account is unlocked, and the desk looked at
asks:
  account: whose
steps:
- id: looked
  ask: What stands on the desk?
- id: unlock
  do: account.unlock
  with: {account: $account}
- id: expire
  do: account.expire
  with: {account: $account, day: "2031-12-31"}
"""


@pytest.fixture
def at(tmp_path: Path, network: Running) -> Desk:
    return desk(tmp_path / "desk", network)


def test_one_onboarding_counts_toward_several_frameworks(at: Desk) -> None:
    done = at.onboard("Counta", "Bly", "E41001", "--groups", "role-it", "--json")
    assert done.code == 0, done.err
    toward = set(done.json["counts_toward"])
    assert {"rapids-1059cb 1.C", "rapids-1059cb 4.G", "itied-1.2 tech.f.r11.1", "scoe-itst d09"} <= toward
    found = at.ops("portfolio", "status", "--json").json["frameworks"]
    assert {item["item"] for item in found["rapids-1059cb"] if item["state"] == "there"} >= {"1.C", "4.E", "4.G"}


def test_what_a_run_left_behind_is_read_again_later(at: Desk) -> None:
    done = at.onboard("Later", "Look", "E41002", "--groups", "role-sales", "--json")
    run = done.json["run"]
    still = at.ops("evidence", "recheck", run, "--json")
    assert still.code == 0, still.err
    said = {row["because"] for row in still.json["findings"]}
    assert "still true" in said
    assert not said & {"gone", "changed since"}
    assert at.ops("group", "remove-member", "later.look", "role-sales", "--yes").code == 0
    assert at.ops("account", "expire", "later.look", "2031-01-31", "--yes").code == 0
    changed = at.ops("evidence", "recheck", run, "--json").json["findings"]
    assert {row["because"] for row in changed} & {"gone", "changed since"}
    record = at.ops("evidence", "show", "last").out
    assert at.ops("evidence", "verify").code == 0
    assert record


def test_questions_for_a_talk_are_about_what_the_run_really_did(at: Desk) -> None:
    run = at.onboard("Quiz", "Talk", "E41003", "--json").json["run"]
    answers = [word for n in "123" for word in (f"--answer-{n}", "because")]
    done = at.ops(
        "journal", "discuss", "--about", run, "--asked-by", "mentor", "--judged", "well", *answers, "--yes", "--json"
    )
    assert done.code == 0, done.err
    assert "rapids-1059cb 1.C" in done.json["counts_toward"]
    shown = at.ops("evidence", "show", done.json["run"]).out
    asked = [line for line in shown.splitlines() if line.startswith("asked ") and "“" in line]
    assert asked, shown


def test_a_playbook_may_ask_a_person_and_change_something_in_one_record(at: Desk) -> None:
    books = at.folder / "playbooks/desk"
    books.mkdir(parents=True)
    (books / "ready.yaml").write_text(MIXED)
    at.onboard("Mixed", "Book", "E41004", "--json")
    dry = at.ops("desk", "ready", "--account", "mixed.book", "--dry-run")
    assert dry.code == 0, dry.err
    unanswered = at.ops("desk", "ready", "--account", "mixed.book", "--yes", "--no-input")
    assert (unanswered.code, "not answered: --looked" in unanswered.err) == (2, True), unanswered.err
    done = at.ops("desk", "ready", "--account", "mixed.book", "--looked", "a lamp", "--yes", "--json")
    assert done.code == 0, done.err
    record = json.loads(at.ops("evidence", "show", done.json["run"], "--json").out)
    assert record["kind"] == "operation"
    assert [answer["question"] for answer in record["answers"]] == ["looked"]
    assert record["outcome"]["changed"] == 1
    assert "a lamp" in at.ops("evidence", "show", done.json["run"]).out
    rows = at.folder / "rows.csv"
    rows.write_text("account\nmixed.book\n")
    assert "cannot run over a file" in at.ops("desk", "ready", "--rows", str(rows), "--yes").err


def test_a_plan_is_approved_by_whoever_is_enrolled_as_mentor(at: Desk, tmp_path: Path) -> None:
    school = schools.make(tmp_path / "s")
    at.onboard("Needs", "Leave", "E41005", "--json")
    for end in ("", ".sig"):
        (at.folder / f"signers{end}").write_bytes((school.folder / f"lead/signers{end}").read_bytes())
    text = (at.folder / "ops.toml").read_text()
    lead = json.loads((school.folder / "lead/state/identity.json").read_text())["fingerprint"]
    text = text.replace('reversible = "nobody"', 'reversible = "mentor"', 1)
    text = text.replace("[settings]", f'[settings]\nit_lead = "{lead}"')
    (at.folder / "ops.toml").write_text(text)
    plan = at.folder / "plan.json"
    at.ops("account", "expire", "needs.leave", "2031-05-05", "--save-plan", str(plan))
    alone = at.ops("plan", "apply", str(plan), "--yes")
    assert (alone.code, "needs the approval of mentor" in alone.err) == (4, True), alone.err
    amy = school.amy.ops("plan", "approve", str(plan))
    assert amy.code == 0
    wrong = at.ops("plan", "apply", str(plan), "--yes")
    assert wrong.code == 4, wrong.err
    (at.folder / "plan.json.approval").unlink()
    assert school.mentor.ops("plan", "approve", str(plan)).code == 0
    done = at.ops("plan", "apply", str(plan), "--yes")
    assert done.code == 0, done.err
