"""Bad input of every kind: one line of what, one of what next, the promised exit code, and nothing is changed."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.workspace import Desk, Result, desk

pytestmark = pytest.mark.lab
AMY = ("--given", "Bad", "--family", "Input", "--employee", "B1")
ONBOARD = ("user", "onboard", *AMY)
HEAD = "given,family,employee\n"


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory, network: Running) -> Desk:
    return desk(tmp_path_factory.mktemp("bad") / "mine", network)


def clear(said: Result, code: int, *words: str) -> None:
    """One clear line, in words of the field, with the next step."""
    assert said.code == code, said.out + said.err
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err, said.err
    assert "  next: " in said.err or said.err.startswith("Usage:"), said.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((*ONBOARD, "--logon", "a.name.of.21.letters.x"), 2, "20"),
        ((*ONBOARD, "--logon", 'a"b'), 2, "logon name"),
        ((*ONBOARD, "--logon", "administrator"), 2, "belongs to the system"),
        ((*ONBOARD, "--manager", "no.boss"), 1, "there is no account no.boss"),
        ((*ONBOARD, "--groups", "no-such-group"), 1, "there is no group no-such-group"),
        ((*ONBOARD, "--groups", "role-legacy-admins"), 6, "protected group"),
        ((*ONBOARD, "--last-day", "03/04/2026"), 2, "can be 2026-03-04 or 2026-04-03"),
        (("user", "onboard", "--given", "Bad", "--employee", ""), 2, "--employee"),
        (("user", "onboard", "--given", "\u202eBad", "--employee", "B2"), 2, "invisible"),
        (("user", "onbaord"), 2, "did you mean ops user onboard?"),
        (("acount", "show", "x"), 2, "did you mean ops account?"),
        (("account", "unlock", "no.body"), 1, "there is no account no.body"),
        (("account", "disable", "ever.green"), 4, "nobody can be asked"),
        (("account", "disable", "apprentice1", "--yes"), 6, "your own"),
        (("account", "disable", "old.admin", "--yes"), 6, "Domain Admins"),
        (("account", "relocate", "ever.green", "OU=Nowhere,DC=lab,DC=example", "--yes"), 1, "no organisational unit"),
        (("account", "create", "bad.place", "Bad", "Place", "B3", "--place", "OU=No,DC=lab,DC=example"), 1, "no organ"),
        (("account", "reset-password", "ever.green", "--password-from", "Secret123"), 2, "where the password comes"),
        (("account", "reset-password", "ever.green", "--password-from", "file:/nowhere", "--yes"), 2, "/nowhere"),
        (("group", "add-member", "ever.green", "Domain Admins", "--yes"), 6, "Domain Admins"),
        (("group", "show", "nothing"), 1, "there is no group"),
        (("user", "show", "*)(objectClass=*"), 1, "nobody is called"),
        (("plan", "apply", "nowhere.json"), 2, "cannot be read"),
        ((*ONBOARD, "--save-plan", "no/such/folder/plan.json"), 2, "cannot be written"),
        (("run", "undo", "ZZZZ"), 1, "there is no run"),
        (("account", "expire", "was.here", "9999-12-31", "--yes"), 2, "not a day anything ends"),
        (("user", "show", " "), 2, "nobody was named"),
        (("evidence", "show", "ZZZZ"), 1, "there is no run"),
        (("evidence", "verify", "nowhere"), 2, "is not a folder"),
        (("evidence", "export", "--all", "--to", "/proc/nowhere"), 2, "cannot be made"),
        (("handover", "show", "no.body"), 1, "no.body"),
        (("audit", "run", "nothing"), 2, "passwords"),
        (("explain", "account", "shwo"), 1, "changes nothing"),
        (("help", "conflct"), 1, "ops help conflict"),
        (("framework", "show", "nothing"), 1, "rapids-1059cb"),
        ((*ONBOARD, "--rows", "nowhere.csv"), 2, "nowhere.csv"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_said_in_one_line(mine: Desk, words: tuple[str, ...], code: int, said: str) -> None:
    clear(mine.ops(*words), code, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("given,family\nA,B\n", "the column employee is missing"),
        ("given,family,employe\nA,B,1\n", "no option is called employe"),
        ("given,given,employee\nA,B,1\n", "there twice"),
        (HEAD + "A,B,1\nC,D,2,x\n", "line 3"),
        (HEAD + 'A,"B,1\n', "rows.csv"),
        (HEAD + "A,B,\udcff\n", "cannot be read as text"),
        (HEAD + f"{'x' * 70000},B,1\n", "field larger than"),
    ],
    ids=lambda value: value[:40].encode("ascii", "replace").decode(),
)
def test_a_broken_file_of_rows_stops_before_its_first_row(mine: Desk, text: str, said: str) -> None:
    (mine.folder / "rows.csv").write_text(text, encoding="utf-8", errors="surrogateescape")
    runs = len(mine.ops("run", "list", "--json").json["runs"])
    clear(mine.ops("user", "onboard", "--rows", "rows.csv", "--yes"), 2, said)
    noted = mine.ops("run", "list", "--json").json["runs"]
    assert (len(noted), noted[0]["status"]) == (min(runs + 1, 20), "refused")


def test_rows_that_collide_are_named_by_a_dry_run_across_batches(mine: Desk) -> None:
    rows = [f"Twin{n % 150},Row,TW{n}\n" for n in range(250)] + ["Other,Row,TW7\n", "No,Number,\n"]
    (mine.folder / "rows.csv").write_text(HEAD + "".join(rows))
    said = mine.ops("user", "onboard", "--rows", "rows.csv", "--dry-run")
    assert said.code == 5
    assert "line 252: line 9 is about employee TW7 too" in said.err
    assert "line 253: employee is empty" in said.err
    assert "250 rows" in said.err
    assert "(twin0.row)" in said.out
    assert "(twin0.row2)" in said.out  # the namesake, 150 rows and two batches later


def test_a_weak_password_is_refused_by_the_domain_and_nothing_of_it_stays(mine: Desk) -> None:
    (mine.folder / "weak").write_text("short")
    (mine.folder / "weak").chmod(0o600)
    before = mine.ops("account", "show", "ever.green").out
    said = mine.ops("account", "reset-password", "ever.green", "--password-from", f"file:{mine.folder}/weak", "--yes")
    assert said.code in (1, 4, 6), said.err
    assert "password" in said.err
    assert mine.ops("account", "show", "ever.green").out == before
    assert "ever.green" not in mine.ops("handover", "list").out


def test_a_broken_playbook_is_named_with_line_and_column(mine: Desk) -> None:
    book = mine.folder / "playbooks/user/greet.yaml"
    book.parent.mkdir(parents=True, exist_ok=True)
    for text, said in (
        ("title: Hello\nsteps:\n  - id: a\n   do: account.unlock\n", "greet.yaml line 4 column 4"),
        ("title: Hello\nsteps:\n  - id: a\n    do: account.unlokc\n    with: {account: x}\n", "account.unlock"),
        ("title: Hello\nsteps:\n  - id: a\n    do: account.unlock\n    with: {acount: x}\n", "did you mean account"),
        ("title: Hello\nstep: []\nsteps: []\n", "nothing is called step here"),
        ("title: Hello\nsteps:\n  - {id: a, do: account.unlock, with: {account: $who}}\n", "nobody is asked for who"),
    ):
        book.write_text(text)
        clear(mine.ops("user", "greet"), 2, said)
    book.unlink()


def test_a_broken_setting_is_named_with_its_file(mine: Desk) -> None:
    for name, broken, said in (
        ("ops.toml", "[enviroment]\n", "environment"),
        ("ops.toml", "[environment\n", "ops.toml"),
        ("inventory/hosts.yaml", "dc1:\n  hostnam: x\n", "hostname"),
    ):
        kept = (mine.folder / name).read_text()
        (mine.folder / name).write_text(broken)
        clear(mine.ops("account", "show", "ever.green"), 2, said)
        (mine.folder / name).write_text(kept)


def test_a_plan_that_was_edited_or_is_for_another_place_is_not_applied(mine: Desk) -> None:
    assert mine.ops("account", "expire", "ever.green", "2031-01-01", "--save-plan", "plan.json").code == 0
    text = (mine.folder / "plan.json").read_text()
    (mine.folder / "plan.json").write_text(text.replace("ever.green", "even.green"))
    clear(mine.ops("plan", "apply", "plan.json", "--yes"), 2, "was edited")
    (mine.folder / "plan.json").write_text(text[:-20])
    clear(mine.ops("plan", "apply", "plan.json", "--yes"), 2, "not a plan file")


def fill(file: Path) -> None:
    """Take every byte that is left."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT)
    with suppress(OSError):
        while os.write(handle, b"x" * 4096):
            pass
    os.close(handle)


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk can only be mounted by root")
def test_a_full_disk_stops_a_change_before_it_is_made(tmp_path: Path, network: Running) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], check=True)
    try:
        at = desk(small / "mine", network)
        assert at.onboard("Fay", "First", "FD1").code == 0
        filler = small / "filler"
        fill(filler)
        full = at.onboard("Fred", "Full", "FD2")
        clear(full, 7, "the disk of", "free some space")
        filler.unlink()
        assert at.ops("account", "show", "fred.full").code == 1
        assert at.ops("evidence", "verify").code == 0
        assert at.onboard("Fred", "Full", "FD2").code == 0
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_a_ledger_that_may_not_be_written_stops_a_change_and_is_still_read(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "mine", network)
    assert at.onboard("Rhea", "Only", "RO1").code == 0
    state = at.folder / "state"
    command = ["mount", "--bind", "-o", "ro", str(state), str(state)]
    if os.geteuid() == 0:  # root may write anything but a read-only mount
        subprocess.run(command, check=True)
    else:
        state.chmod(0o500)
    try:
        clear(at.onboard("Rob", "Only", "RO2"), 7, "may not be written")
        assert at.ops("evidence", "list").code == 0
        assert at.ops("evidence", "verify").code == 0
        assert at.ops("account", "show", "rob.only").code == 1
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", "-l", str(state)], check=True)
        else:
            state.chmod(0o700)
