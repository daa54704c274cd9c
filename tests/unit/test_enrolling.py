"""Who begins with a workspace and a card, and whom the IT lead enrols."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from evidence.identity import own_name
from tests.unit.handed_in import school, template
from tests.unit.school import School
from tests.workspace import Desk

__all__ = ["school", "template"]


def test_a_mentor_begins_with_one_command_and_is_told_what_comes_next(tmp_path: Path) -> None:
    tmp_path.joinpath("x").mkdir()
    start = Desk(tmp_path / "x")
    made = start.ops("init", "--evidence-only", "--folder", "mine", "--name", "Max Thistlewood")
    assert (made.code, "ops signers card" in made.err) == (0, True), made.err
    mine = Desk(tmp_path / "x/mine")
    assert mine.ops("signers", "card").out.rstrip().endswith(" Max Thistlewood")
    assert "nothing was handed in yet" in mine.ops("review", "list").out
    assert "first: ops review import FILE" in mine.ops("review", "next").err
    assert mine.ops("status").code == 0
    assert mine.ops("portfolio", "status").code == 0
    left = mine.ops("user", "offboard", "--logon", "amy.ng", "--yes")
    assert (left.code, "has no target for it" in left.err, left.out) == (1, True, ""), "nobody is told that all is shut"
    assert "nobody has vouched" in mine.ops("checkpoint", "verify").err
    assert "no mentor is enrolled here" in mine.ops("evidence", "submit", "-o", "x.evidence").err
    assert "PRACTICE" in mine.ops("status").out
    real = start.ops("init", "--evidence-only", "--class", "PRODUCTION", "--folder", "real")
    assert (real.code, "PRODUCTION" in Desk(tmp_path / "x/real").ops("status").out) == (0, True), "real backups, say"
    again = start.ops("init", "--evidence-only", "--folder", "mine")
    assert (again.code, "is a workspace already" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not the card of a person"),
        ("p-1 ssh-ed25519", "not the card of a person"),
        ("p-1 ssh-ed25519 AAAA Amy", "damaged"),
        ("p-1 ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJrv Amy", "damaged"),
        ("p,1 ssh-ed25519 AAAA Amy", "not the card of a person"),
        ("two\nlines here now", "not the card of a person"),
    ],
)
def test_a_card_that_is_none_enrols_nobody(school: School, text: str, said: str) -> None:
    card = school.folder / "x.card"
    card.write_text(text)
    before = (school.folder / "lead/signers").read_bytes()
    done = school.lead.ops("signers", "enrol", str(card), "--role", "mentor")
    assert (done.code, said in done.err) == (2, True), done.err
    assert (school.folder / "lead/signers").read_bytes() == before


def test_a_card_can_carry_another_name_which_is_kept(school: School) -> None:
    card = school.amy.ops("signers", "card", "--name", "Amy Ngozi Quill")
    assert card.out.rstrip().endswith(" Amy Ngozi Quill")
    assert school.amy.ops("signers", "card").out == card.out
    for bad in ("two\nlines", 'a "quoted" one', "x" * 81):
        refused = school.amy.ops("signers", "card", "--name", bad)
        assert (refused.code, "cannot be written on a card" in refused.err) == (2, True), refused.err
    assert school.amy.ops("signers", "card").out == card.out


def test_a_name_no_card_could_carry_makes_no_workspace(tmp_path: Path) -> None:
    made = Desk(tmp_path).ops("init", "--evidence-only", "--folder", "mine", "--name", "two\nlines")
    assert (made.code, "cannot be written on a card" in made.err) == (2, True), made.err
    assert not (tmp_path / "mine").exists()


def test_without_a_name_the_full_one_of_the_account_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = pwd.getpwuid(os.getuid())
    for full, taken in (("Amy Ng,Room 3,,", "Amy Ng"), ("", "root"), ('"', "root")):
        fields = list(entry)
        fields[0], fields[4] = "root", full
        monkeypatch.setattr(pwd, "getpwuid", lambda _, given=tuple(fields): pwd.struct_passwd(given))
        monkeypatch.setenv("LOGNAME", "root")
        assert own_name() == taken


def test_only_the_it_lead_enrols(school: School) -> None:
    card = school.folder / "bob.card"
    card.write_text(school.bob.ops("signers", "card").out)
    done = school.amy.ops("signers", "enrol", str(card), "--role", "mentor")
    assert (done.code, "only the IT lead enrols" in done.err) == (4, True), done.err
    twice = school.lead.ops("signers", "enrol", str(card), "--role", "apprentice")
    assert (twice.code, "is enrolled as apprentice already" in twice.err) == (6, True), twice.err
    days = school.lead.ops("signers", "enrol", str(card), "--role", "mentor", "--until", "2020-01-01")
    assert (days.code, "end before it begins" in days.err) == (2, True), days.err
