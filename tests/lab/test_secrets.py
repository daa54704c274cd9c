"""A canary in every place a secret can enter: it comes out nowhere but on the sheet that delivers it."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from inventory.lab import Running
from tests.warm import usual
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab
CANARY = "Canary-4Sparrow-Zx9-in-the-mine"
OTHER = "Canary-7Finch-Qw3-in-the-shaft"


def forms(secret: str) -> list[bytes]:
    """The ways a secret could be written down."""
    plain = secret.encode()
    wide = secret.encode("utf-16-le")
    return [
        plain,
        wide,
        base64.b64encode(plain),
        base64.b64encode(wide),
        urllib.parse.quote(secret).encode(),
        plain.hex().encode(),
    ]


def holds(data: bytes) -> bool:
    return any(form in data for secret in (CANARY, OTHER) for form in forms(secret))


@contextmanager
def watched(seen: list[str]) -> Iterator[None]:
    """Meanwhile look at the command line and environment of every process, again and again."""
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            for entry in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        if int(entry.name) != os.getpid() and holds((entry / name).read_bytes()):
                            seen.append(f"{entry.name}/{name}")
                    except (OSError, ValueError):
                        continue
            time.sleep(0.01)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    return desk(tmp_path / "mine", network)


def leaks(at: Desk) -> list[str]:
    """Files of the workspace, sheets apart, in which a canary stands."""
    files = [path for path in at.folder.rglob("*") if path.is_file() and path.parent.name != "handover"]
    return [str(path) for path in files if path.name != "secret-input" and holds(path.read_bytes())]


def test_a_secret_given_by_file_and_by_standard_input_leaks_nowhere(mine: Desk) -> None:
    source = mine.folder / "secret-input"
    source.write_text(CANARY + "\n")
    source.chmod(0o600)
    reset = ("account", "reset-password", "jnunez", "--password-from")
    said: list[str] = []
    seen: list[str] = []
    with watched(seen):
        for words in (
            ("account", "reset-password", "ngugi", "--password-from", "prompt", "--yes"),
            (*reset, f"file:{source}", "--save-plan", "plan.json"),
            (*reset, f"file:{source}", "--yes", "--details", "--json"),
            ("handover", "list"),
            ("run", "show", "last", "--details"),
            ("evidence", "show", "last", "--json"),
            ("evidence", "export", "--all", "--to", "out", "--with-names"),
            ("--debug", "account", "reset-password", "nobody.here", "--password-from", f"file:{source}", "--yes"),
        ):
            result = mine.ops(*words)
            said += [result.out, result.err]
        typed = mine.ops("account", "reset-password", "dcohen", "--password-from", "stdin", "--yes", input=OTHER + "\n")
        said += [typed.out, typed.err]
    assert typed.code == 0, typed.err
    assert CANARY in (mine.folder / "state/handover/jnunez.txt").read_text()
    assert OTHER in (mine.folder / "state/handover/dcohen.txt").read_text()
    assert not [text for text in said if holds(text.encode())]
    assert leaks(mine) == []
    assert seen == []
    for sheet in (mine.folder / "state/handover").glob("*"):
        assert sheet.stat().st_mode & 0o777 == 0o600
    assert (mine.folder / "state/handover").stat().st_mode & 0o777 == 0o700


def test_a_password_typed_at_a_prompt_is_not_shown_and_leaks_nowhere(mine: Desk) -> None:
    logon = mine.ops("user", "show", "P0001", "--json").json["people"][0]["logon_name"]
    words = ["-m", "ops.cli.main", "account", "reset-password", logon, "--password-from", "prompt", "--yes"]
    seen: list[str] = []
    with watched(seen):
        asked = pexpect.spawn(sys.executable, words, cwd=mine.folder, env=usual(), timeout=20, encoding="utf-8")
        shown = ""
        for _ in range(2):
            asked.expect(":")
            shown += asked.before
            time.sleep(0.2)
            asked.sendline(OTHER)
        asked.expect(pexpect.EOF)
        shown += asked.before
        asked.close()
    assert asked.exitstatus == 0, shown
    assert OTHER in (mine.folder / f"state/handover/{logon}.txt").read_text()
    assert not holds(shown.encode())
    assert (leaks(mine), seen) == ([], [])


def test_the_passphrase_of_the_key_and_the_password_that_signs_in_leak_nowhere(
    tmp_path: Path, network: Running
) -> None:
    source = tmp_path / "secret-input"
    source.write_text(CANARY + "\n")
    source.chmod(0o600)
    password = network.password_file("apprentice1")
    answers = {
        **{"domain": network.domain, "controller": network.controller, "ca-file": network.ca_file},
        **{"account": f"apprentice1@{network.domain}", "credential": f"file:{password}"},
        **{role: network.places[role] for role in ("staff", "leavers", "service")},
        "passphrase-from": f"file:{source}",
    }
    options = [word for name, value in answers.items() for word in (f"--{name}", str(value))]
    seen: list[str] = []
    with watched(seen):
        made = Desk(tmp_path).ops("init", "--no-input", "--folder", "mine", *options)
        mine = Desk(tmp_path / "mine")
        said = [
            made,
            mine.ops("doctor"),
            mine.ops("config", "show", "--origin"),
            mine.ops("account", "show", "zmueller"),
        ]
    assert made.code == 0, made.err
    assert b"aes256-ctr" in base64.b64decode("".join((mine.folder / "state/id_evidence").read_text().split("\n")[1:-2]))
    assert said[-1].code == 0, said[-1].err
    assert not [one for one in said if holds((one.out + one.err).encode())]
    assert (leaks(mine), seen) == ([], [])
    text = password.read_text().strip()
    assert not [one for one in said if text in one.out + one.err]
    assert not [path for path in mine.folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def test_a_weak_password_is_refused_by_the_domain_and_stands_nowhere(mine: Desk) -> None:
    weak = mine.folder / "secret-input"
    weak.write_text("short\n")
    weak.chmod(0o600)
    said = mine.ops("account", "reset-password", "wwang", "--password-from", f"file:{weak}", "--yes")
    assert said.code == 1, said.err
    assert "does not meet the domain's policy" in said.err
    assert mine.ops("handover", "show", "wwang").code == 1
    assert list((mine.folder / "state/keeper").iterdir()) == []


def test_a_password_on_the_command_line_is_not_even_possible(mine: Desk) -> None:
    said = mine.ops("account", "reset-password", "wwang", "--password-from", CANARY, "--yes")
    assert said.code == 2
    assert "never write a password itself here" in said.err
    assert CANARY not in said.err


def test_no_core_is_dumped_and_no_other_process_may_look_inside(mine: Desk) -> None:
    look = "import resource as r; from ops.cli.hardening import harden; harden(); print(r.getrlimit(r.RLIMIT_CORE))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(0, 0)"
