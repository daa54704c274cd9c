"""What cannot be done from where one stands, or with what was typed, is one line and a way on, never a traceback."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from evidence.enrolment import SignersFile
from evidence.identity import Identity
from ops.errors import InvalidRequest, NotFound
from tests.unit import school as schools
from tests.workspace import Desk, bare


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return bare(tmp_path / "desk")


def refused(desk: Desk, said: str, *words: str, **more: object) -> None:
    done = desk.ops(*words, **more)
    assert (done.code, said in done.err) == (2, True), done.err
    assert len(done.err.splitlines()) == 2
    assert "next:" in done.err


def test_what_was_typed_wrong_is_said(desk: Desk) -> None:
    refused(desk, "ops.toml is a file", "--workspace", "ops.toml", "status")
    refused(desk, "no file is named", "review", "import", "")
    refused(desk, "ops.toml is not a folder", "evidence", "verify", "ops.toml")
    refused(desk, "of 300 characters, cannot be an id", "framework", "import", "ops.toml", "--id", "a" * 300)
    wish = ("schedule", "--framework", "itied-1.2", "-o", "x.html")
    refused(desk, "is a paper of rapids-1059cb", "portfolio", "export", *wish)


def test_an_argument_that_is_no_text_and_a_folder_that_is_gone_are_said(desk: Desk) -> None:
    argv = [sys.executable, "-m", "ops.cli.main", "evidence", "show"]
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH") if key in os.environ}
    done = subprocess.run([*argv, b"a\xff"], cwd=desk.folder, env=kept, capture_output=True, check=False)
    assert (done.returncode, b"is not text in UTF-8" in done.stderr) == (2, True), done.stderr
    gone = ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh", *argv, "last"]
    done = subprocess.run(gone, cwd=desk.folder, env=kept, capture_output=True, check=False)
    assert (done.returncode, b"the folder you are in is gone" in done.stderr) == (2, True), done.stderr


def test_ids_that_had_to_be_changed_are_named(desk: Desk) -> None:
    (desk.folder / "own.csv").write_text("id,label\na b/c,Patches a cable\nfine,Labels it\n")
    done = desk.ops("framework", "import", "own.csv", "--id", "own")
    assert (done.code, "“a b/c” is a-b-c" in done.err) == (0, True), done.err
    assert "fine" not in done.err


def full() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_a_framework_that_finds_no_room_is_not_there_and_that_is_said(desk: Desk) -> None:
    (desk.folder / "own.csv").write_text("id,label\na,Patches a cable\n")
    more = {"env": {"PYTHONDONTWRITEBYTECODE": "1"}, "preexec_fn": full}
    refused(desk, "cannot be written", "framework", "import", "own.csv", "--id", "own", **more)
    assert not list((desk.folder / "frameworks").iterdir())


def test_somebody_is_revoked_by_what_the_list_shows(tmp_path: Path) -> None:
    from ops.cli.enrolling import enrolled

    for name, called in schools.NAMES.items():
        bare(tmp_path / name, called)
    schools.enrol(tmp_path)
    file, bob = SignersFile(tmp_path / "lead"), Identity.load(tmp_path / "bob/state").person
    assert [enrolled(file, one).person for one in (bob, "Bob Underhill", "bob underhill")] == [bob] * 3
    for wrong in ("", "Bob", bob[:-1]):
        with pytest.raises(NotFound):
            enrolled(file, wrong)
    twin = Identity.create(tmp_path / "twin", "Bob Underhill")
    from evidence.enrolment import Card

    of = Card(twin.person, twin.signer().public, "Bob Underhill")
    file.add(of, "mentor", date(2026, 1, 1), None, Identity.load(tmp_path / "lead/state").signer())
    with pytest.raises(InvalidRequest, match="could be"):
        enrolled(file, "Bob Underhill")
