"""A mentor's sitting in a terminal: records one after another, and one signature at its end."""

from __future__ import annotations

import json
import os
import sqlite3
import sys

import pexpect

from tests.unit.handed_in import school, template
from tests.unit.school import School, room
from tests.workspace import Desk

__all__ = ["school", "template"]


def test_a_sitting_in_a_terminal_is_signed_once(school: School) -> None:
    room(school.amy)
    room(school.amy)
    school.submit("amy", "2.evidence")
    school.imported()
    school.imported("2.evidence")
    asked = typed(school.mentor, "review", "next")
    asked.expect("3 records of Amy Quillfeather to look at; you judge as mentor")
    asked.expect("1 of 3")
    asked.expect("nobody has reviewed it")
    asked.expect("a accept")
    asked.send("d")
    for _ in range(3):
        asked.expect("answer in short")
        asked.sendline("because of the sound")
        asked.expect("understood")
        asked.send("y")
    asked.expect("a accept")
    asked.send("a")
    asked.expect("valid\\?")
    asked.send("w")
    asked.expect("note")
    asked.sendline("hits it squarely")
    for criterion in ("valid", "authentic", "current", "sufficient", "reliable"):
        asked.expect(f"{criterion}\\?")
        asked.send("y")
    asked.expect("feedback")
    asked.sendline("well explained")
    asked.expect("2 of 3")
    asked.expect("a accept")
    asked.send("r")
    asked.expect("feedback")
    asked.sendline("")
    asked.expect("nobody learns")
    asked.sendline("1")
    asked.expect("3 of 3")
    asked.expect("a accept")
    asked.send("s")
    asked.expect("Sign 2 decisions")
    asked.sendline("y")
    asked.expect("Signed: 2 decisions")
    asked.expect(pexpect.EOF)
    said = [row["decision"] for row in school.mentor.ops("review", "list", "--json").json["records"]]
    assert said == ["accepted", "referred-back", "waits"]
    school.returned()
    got = school.received().out
    assert "accepted: well explained" in got
    assert "valid: hits it squarely" in got
    assert "referred-back: Say why you did it this way" in got
    db = sqlite3.connect(school.folder / "mentor/state/ledger.db")
    (text,) = db.execute("select text from documents where kind = 'evidence-review-v1'").fetchone()
    db.close()
    assert json.loads(text)["reviews"][0]["method"] == "discussion"
    assert "because of the sound" not in text


def test_a_sitting_that_is_stopped_decides_nothing(school: School) -> None:
    school.imported()
    asked = typed(school.mentor, "review", "next")
    asked.expect("a accept")
    asked.sendintr()
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 130
    assert school.mentor.ops("review", "list", "--json").json["records"][0]["decision"] == "waits"


def typed(desk: Desk, *words: str) -> pexpect.spawn:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH") if key in os.environ}
    argv = ["-m", "ops.cli.main", *words]
    return pexpect.spawn(
        sys.executable,
        argv,
        cwd=desk.folder,
        env=kept | {"TERM": "xterm"},
        timeout=30,
        encoding="utf-8",
        dimensions=(50, 120),
    )
