"""Guided work as a person meets it: asked, kept, signed, shown; and bad answers lose nothing."""

from __future__ import annotations

import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path

import pexpect
import pytest

from ops.errors import InvalidRequest
from ops.playbook_file import parse
from tests.workspace import Desk, bare

ROOM = ("--room", "lecture room", "--equipment", "a projector by HDMI", "--settings", "HDMI 1", "--check", "sat there")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return bare(tmp_path / "desk")


def typed(desk: Desk, *words: str, **more: str) -> pexpect.spawn:
    """A terminal of 100 columns in which ``ops`` runs."""
    environment = (
        {k: os.environ[k] for k in ("PATH", "HOME", "PYTHONPATH") if k in os.environ} | {"TERM": "xterm"} | more
    )
    argv = ["-m", "ops.cli.main", *words]
    return pexpect.spawn(
        sys.executable, argv, cwd=desk.folder, env=environment, timeout=30, encoding="utf-8", dimensions=(40, 100)
    )


def test_a_statement_is_signed_and_counts_toward_what_its_rules_say(desk: Desk) -> None:
    done = desk.ops("task", "set-up-room", *ROOM, "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json["answers"] == 4
    assert done.json["counts_toward"] == ["rapids-1059cb 3.A", "rapids-1059cb 3.B"]
    shown = desk.ops("evidence", "show", done.json["run"])
    assert "states    a projector by HDMI" in shown.out
    assert "the apprentice states: typed in, nothing checked (M0)" in shown.out
    record = json.loads(desk.ops("evidence", "show", done.json["run"], "--json").out)
    assert record["kind"] == "statement"
    assert "lecture room" not in json.dumps(record)
    assert desk.ops("evidence", "verify").code == 0


def test_an_attachment_is_hashed_and_makes_it_a_little_stronger(desk: Desk, tmp_path: Path) -> None:
    picture = tmp_path / "room.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    done = desk.ops("task", "set-up-room", *ROOM, "--picture", str(picture), "--yes", "--json")
    assert done.json["attachments"] == 1
    shown = desk.ops("evidence", "show", done.json["run"]).out
    assert "room.png  image/png, 48 bytes" in shown
    assert "(M1)" in shown
    assert "room.png" not in desk.ops("evidence", "show", done.json["run"], "--json").out


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--yes"], 2, "not answered: --room, --equipment, --settings, --check"),
        ([*ROOM], 4, "nobody can be asked whether to sign"),
        ([*ROOM, "--yes", "--for", "rapids-1059cb:9.Z"], 1, "rapids-1059cb has no item 9.Z"),
        ([*ROOM, "--yes", "--for", "sds-ta-its-8:ws4.ku3"], 2, "cannot count toward sds-ta-its-8 ws4.ku3"),
        ([*ROOM, "--yes", "--picture", "/etc/passwd"], 2, "passwd is not a picture"),
        ([*ROOM, "--yes", "--picture", "none.png"], 2, "none.png cannot be read"),
        ([*ROOM, "--yes", "--about", "ZZZZ"], 1, "there is no run ZZZZ"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_signed(
    desk: Desk, more: list[str], code: int, said: str
) -> None:
    done = desk.ops("task", "set-up-room", "--no-input", *more)
    assert (done.code, said in done.err) == (code, True), done.err
    assert desk.ops("evidence", "list", "--json").json["records"] == []


def test_a_talk_asks_about_what_the_record_says(desk: Desk) -> None:
    run = desk.ops("task", "set-up-room", *ROOM, "--yes", "--json").json["run"]
    answers = [w for n in "123" for w in (f"--answer-{n}", "because")]
    done = desk.ops(
        "journal", "discuss", "--about", run, "--asked-by", "mentor", "--judged", "well", *answers, "--yes", "--json"
    )
    assert done.json["counts_toward"] == ["rapids-1059cb 3.A", "rapids-1059cb 3.B"]
    shown = desk.ops("evidence", "show", done.json["run"]).out
    assert f"about       record {run}" in shown
    assert "question_1" not in shown
    assert "What" in shown


def test_help_and_machine_written_words_are_declared(desk: Desk) -> None:
    done = desk.ops("task", "set-up-room", *ROOM, "--yes", "--json", "--helped-by", "a colleague", "--ai", "drafted")
    shown = desk.ops("evidence", "show", done.json["run"]).out
    assert "a colleague helped; a machine drafted words, as was said" in shown
    assert "a colleague" not in desk.ops("evidence", "show", done.json["run"], "--json").out


def test_what_nobody_said_about_help_is_signed_as_not_stated(desk: Desk) -> None:
    done = desk.ops("task", "set-up-room", *ROOM, "--yes", "--json")
    record = json.loads(desk.ops("evidence", "show", done.json["run"], "--json").out)
    assert record["help"] == {"assisted": "not stated", "ai_assist": "not stated"}
    assert "who helped is not stated" in desk.ops("evidence", "show", done.json["run"]).out


def test_a_draft_is_left_alone_by_a_run_that_did_not_use_it(desk: Desk) -> None:
    draft = desk.folder / "state/drafts/task.set_up_room.json"
    draft.parent.mkdir()
    draft.write_text(json.dumps({"begun": "2026-11-24T10:00:00.000Z", "answers": {"room": "half an answer"}}))
    assert desk.ops("task", "set-up-room", *ROOM, "--yes", "--no-input").code == 0
    assert "half an answer" in draft.read_text()


@pytest.mark.parametrize("said", ["x" * 501, "a \x1b[31mred word", "turned \u202e round"])
def test_a_reason_nobody_can_read_is_refused(desk: Desk, said: str) -> None:
    done = desk.ops("task", "set-up-room", *ROOM, "--yes", "--reason", said)
    assert (done.code, done.err.startswith("Invalid request: --reason")) == (2, True), done.err


def test_in_a_terminal_it_asks_goes_back_and_survives_being_stopped(desk: Desk) -> None:
    first = typed(desk, "journal", "goal")
    for said, answer in (
        ("1/6", "to patch a cabinet"),
        ("2/6", "<"),
        ("1/6", "to patch a whole cabinet"),
        ("2/6", "all ports lit"),
    ):
        first.expect(said)
        first.expect("> ")
        first.sendline(answer)
    first.expect("3/6")
    first.sendintr()
    first.expect(pexpect.EOF)
    first.close()
    assert first.exitstatus == 130
    assert desk.ops("evidence", "list", "--json").json["records"] == []
    second = typed(desk, "journal", "goal", "--for", "sds-ta-its-8:ws3.pr3")
    second.expect("gave 2 answers. Go on with them")
    second.sendline("")
    for said, answer in (
        ("3/6", "a lab"),
        ("4/6", "the job"),
        ("5/6", "soon"),
        ("not a date", str(date.today() + timedelta(days=60))),
        ("6/6", "mentor"),
    ):
        second.expect(said)
        second.expect("> ")
        second.sendline(answer)
    for said, answer in (("Who helped", ""), ("Did a machine", ""), ("Sign it", "")):
        second.expect(said)
        second.sendline(answer)
    second.expect("Signed: 6 answers")
    second.expect(pexpect.EOF)
    shown = desk.ops("evidence", "show", "last").out
    assert "to patch a whole cabinet" in shown
    assert "sds-ta-its-8 ws3.pr3" in shown
    assert not list((desk.folder / "state/drafts").iterdir())


def test_long_answers_are_written_in_the_editor(desk: Desk, tmp_path: Path) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nprintf 'first line\\nsecond line\\n# ours\\n' > \"$1\"\n")
    editor.chmod(0o755)
    asked = typed(desk, "journal", "goal", EDITOR=str(editor))
    asked.expect("1/6")
    asked.expect("> ")
    asked.sendline(":")
    asked.expect("2/6")
    asked.sendintr()
    asked.expect(pexpect.EOF)
    (draft,) = (desk.folder / "state/drafts").iterdir()
    assert json.loads(draft.read_text())["answers"] == {"goal": "first line\nsecond line"}


def test_a_statement_that_is_not_signed_keeps_its_answers(desk: Desk) -> None:
    asked = typed(desk, "task", "set-up-room", *ROOM)
    for said, answer in (
        ("4/6", ""),
        ("6/6", ""),
        ("Which of them", "1"),
        ("Who helped", ""),
        ("machine", ""),
        ("Sign it", "n"),
    ):
        asked.expect(said)
        asked.sendline(answer)
    asked.expect("your answers are kept")
    asked.expect(pexpect.EOF)
    assert list((desk.folder / "state/drafts").iterdir())


STEP = "title: T\nsteps:\n- id: one\n  ask: What?\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STEP + "  do: account.unlock\n", "must have either do or ask"),
        ("title: T\nsteps:\n- id: one\n", "must have either do or ask"),
        (STEP + "  needs: [two]\n", "asks something, and cannot have needs"),
        (STEP + "  with: {a: b}\n", "asks something, and cannot have with"),
        ("title: T\nsteps:\n- id: one\n  do: account.unlock\n  by: mentor\n", "does something, and cannot have by"),
        (STEP + "  kind: picture\n", "kind is one of text"),
        (STEP + "  by: nobody\n", "by is one of apprentice"),
        (STEP + "  kind: choice\n", "options do not fit its kind"),
        (STEP + "  options: [a]\n", "options do not fit its kind"),
        (STEP + "  kind: choice\n  options: [a, a]\n", "options do not fit its kind"),
        (STEP.replace("one", "about"), "a question cannot be called that"),
        (STEP.replace("one", "One"), "a question cannot be called that"),
        (STEP + "- id: one\n  ask: Twice?\n", "two steps are called one"),
    ],
)
def test_a_guided_playbook_that_is_wrong_says_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(text)
    with pytest.raises(InvalidRequest) as caught:
        parse(path, "task/book")
    assert said in str(caught.value)


def test_every_shipped_guide_asks_few_short_questions() -> None:
    books = [parse(path, path.stem) for path in sorted(ROOT.glob("playbooks/[tj]*/*.yaml"))]
    assert len(books) >= 60
    for book in books:
        assert book.guided
        assert 3 <= len(book.questions) <= 14, book.title
        assert max(len(one.text) for one in book.questions) <= 110
        assert any(one.required for one in book.questions)
