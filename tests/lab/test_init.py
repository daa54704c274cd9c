"""A workspace for one's own network: every answer is tested on the real server before anything is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pexpect
import pytest

from inventory.lab import Running
from tests.workspace import Desk

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
STARTER = ("user", "onboard", "--given", "Ini", "--family", "Tial", "--employee", "I1", "--yes")


def given(network: Running, **other: object) -> list[str]:
    """Every answer as an option."""
    answers = {
        "domain": network.domain,
        "controller": network.controller,
        "ca-file": network.ca_file,
        "account": f"apprentice1@{network.domain}",
        "credential": f"file:{network.password_file('apprentice1')}",
        **{role: network.places[role] for role in ("staff", "leavers", "service")},
        **other,
    }
    return ["init", "--no-input", *(word for name, value in answers.items() for word in (f"--{name}", str(value)))]


@pytest.fixture
def here(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_with_every_answer_given_a_workspace_is_made_that_works(here: Desk, network: Running) -> None:
    made = here.ops(*given(network, folder="mine", **{"class": "STAGING"}))
    assert made.code == 0, made.err
    assert "certificate verified" in made.err
    assert f"staff: {network.places['staff']}, your account may create people" in made.err
    assert "service" in made.err
    assert "may not create people" in made.err
    assert "SHA256:" in made.err
    mine = Desk(here.folder / "mine")
    done = mine.ops("doctor")
    assert done.code == 0, done.out
    assert "STAGING is measured by its certificate authority" in done.out
    onboarded = mine.ops(*STARTER)
    assert onboarded.code == 0, onboarded.err
    body = mine.ops("evidence", "show", mine.last_run(), "--json").json
    assert (body["env"]["class"], body["strength"]["machine"]) == ("STAGING", "M2")
    assert mine.ops("run", "undo", "last", "--yes").code == 0


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        ({"controller": "dc7.lab.example"}, 1, "no server is known by the name dc7.lab.example"),
        ({"ca-file": "/nowhere/ca.pem"}, 1, "there is no file /nowhere/ca.pem"),
        ({"ca-file": "/etc/hostname"}, 2, "is not a CA certificate"),
        ({"account": "nobody@lab.example"}, 4, "the account name or password is wrong"),
        ({"credential": "file:/nowhere"}, 4, "cannot be read"),
        ({"credential": "magic"}, 4, "there is no password"),
        ({"staff": "OU=Nobody,DC=lab,DC=example"}, 1, "there is no unit OU=Nobody"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_made(
    here: Desk, network: Running, wrong: dict[str, str], code: int, said: str
) -> None:
    done = here.ops(*given(network, folder="mine", **wrong))
    assert (done.code, said in done.err) == (code, True), done.err
    assert "nothing was made" in done.err
    assert not (here.folder / "mine").exists()


def test_what_was_not_given_is_named_where_nobody_can_be_asked(here: Desk) -> None:
    done = here.ops("init", "--no-input", "--domain", "lab.example")
    assert done.code == 2
    assert "Full name of a domain controller" in done.err


def test_made_twice_the_first_is_kept_and_options_that_would_be_ignored_are_refused(
    here: Desk, network: Running
) -> None:
    assert here.ops(*given(network, folder="mine")).code == 0
    before = (here.folder / "mine/ops.toml").read_bytes()
    again = here.ops(*given(network, folder="mine"))
    assert (again.code, "--account, --ca-file, --controller" in again.err) == (2, True), again.err
    assert (here.folder / "mine/ops.toml").read_bytes() == before


def test_in_a_workspace_it_says_what_is_there_and_makes_nothing(here: Desk, network: Running) -> None:
    made = here.ops(*given(network, folder="mine"))
    mine = Desk(here.folder / "mine")
    said = mine.ops("init")
    assert (said.code, "there is a workspace already; nothing was changed" in said.err) == (0, True), said.err
    assert "PRODUCTION lab.example" in said.err
    assert "dc1 (directory)" in said.err
    key = next(line for line in made.err.splitlines() if line.startswith("signing key"))
    assert key in said.err
    named = mine.ops("init", "--name", "Somebody Else")
    assert (named.code, "--name would change nothing" in named.err) == (2, True), named.err


def test_a_workspace_without_a_key_is_given_one_and_nothing_else(here: Desk, network: Running) -> None:
    here.ops(*given(network, folder="mine"))
    mine = Desk(here.folder / "mine")
    (mine.folder / "state/identity.json").unlink()
    refused = mine.ops("init", "--name", "Amy", "--domain", "other.example")
    assert (refused.code, "--domain would change nothing" in refused.err) == (2, True), refused.err
    assert not (mine.folder / "state/identity.json").exists()
    assert mine.ops("init", "--name", "Amy").code == 0
    assert mine.ops("doctor").code == 0


def answer(asked: pexpect.spawn, pairs: Sequence[tuple[str, str]]) -> None:
    for question, text in pairs:
        asked.expect_exact(question)
        asked.sendline(text)


def test_asked_for_each_answer_the_password_goes_into_the_keyring_and_nowhere_else(
    tmp_path: Path, network: Running
) -> None:
    kept = tmp_path / "keyring.json"
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "TERM": "dumb",
        "PYTHONPATH": str(ROOT),
        "PYTHON_KEYRING_BACKEND": "tests.keyring_in_a_file.FileKeyring",
        "KEYRING_FILE": str(kept),
    }
    words = ["-m", "ops.cli.main", "init", "--folder", "mine"]
    asked = pexpect.spawn(sys.executable, words, cwd=tmp_path, env=environment, timeout=20, encoding="utf-8")
    password = network.password_file("apprentice1").read_text().strip()
    pairs = [
        ("Name of the domain", network.domain),
        ("Full name of a domain controller [dc1.lab.example]", ""),
        ("certificate authority", str(network.ca_file)),
        ("Your delegated account", f"apprentice1@{network.domain}"),
        ("Its password", "keyring"),
        ("Unit of the staff [OU=Staff,DC=lab,DC=example]", ""),
        ("Unit of the leavers", ""),
        ("Unit of service accounts", ""),
        ("for the keyring: ", password),
    ]
    answer(asked, pairs)
    asked.expect("hand this fingerprint to your mentor")
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 0
    assert password in kept.read_text()
    mine = Desk(tmp_path / "mine")
    assert mine.ops("account", "show", "zmueller", env=environment).code == 0
    holding = [path for path in mine.folder.rglob("*") if path.is_file() and password.encode() in path.read_bytes()]
    assert holding == []
