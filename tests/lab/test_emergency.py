"""A cut in an emergency still works where the disk for evidence is full; without any evidence nothing is changed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.lab.test_bad_input import fill
from tests.lab.test_leaving import hired
from tests.workspace import Desk, desk

pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="a small disk can only be mounted by root")]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def second_sink(at: Desk, folder: Path) -> None:
    settings = at.folder / "ops.toml"
    settings.write_text(settings.read_text().replace("[settings]", f'[settings]\nsecond_sink = "{folder}"'))


def enabled(at: Desk, who: str) -> bool:
    return bool(at.ops("account", "show", who, "--json").json["enabled"])


def without_room(at: Desk, disk: Path) -> None:
    """Not even the room kept for what is owed."""
    (at.folder / "state/ledger.db.ballast").unlink()
    fill(disk / "filler")


def test_the_room_kept_for_outcomes_is_enough_for_a_cut(small: Path, network: Running) -> None:
    at = desk(small / "mine", network)
    who = hired(at, network, "Ball", "E1")
    fill(small / "filler")
    done = at.ops("user", "cut-off", "--logon", who, "--yes")
    assert not enabled(at, who), done.err
    (small / "filler").unlink()
    assert at.ops("evidence", "verify").code == 0


def test_with_no_room_at_all_it_goes_on_in_a_second_place_and_is_taken_in_later(
    small: Path, tmp_path: Path, network: Running
) -> None:
    at = desk(small / "mine", network)
    who = hired(at, network, "Second", "E2")
    second_sink(at, tmp_path / "elsewhere")
    without_room(at, small)
    done = at.ops("user", "cut-off", "--logon", who, "--yes")
    assert (done.code, enabled(at, who)) == (0, False), done.err
    assert "going on in" in done.err
    (file,) = (tmp_path / "elsewhere").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    (small / "filler").unlink()
    assert "events wait outside the ledger" in at.ops("status").out
    taken = at.ops("evidence", "recover", "--json").json
    assert taken["events"] > 10
    assert at.ops("evidence", "verify").code == 0
    shown = at.ops("run", "show", taken["runs"][0], "--json").json
    assert shown["status"] == "completed"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert at.ops("run", "undo", taken["runs"][0], "--yes").code == 0


def test_with_neither_nothing_is_changed_and_a_person_is_told_what_to_do(small: Path, network: Running) -> None:
    at = desk(small / "mine", network)
    who = hired(at, network, "Neither", "E3")
    without_room(at, small)
    done = at.ops("user", "cut-off", "--logon", who, "--yes")
    assert (done.code, enabled(at, who)) == (7, True), done.err
    assert "must be done by hand, in this order" in done.err
    assert "is disabled" in done.err
    (small / "filler").unlink()
    assert at.ops("user", "cut-off", "--logon", who, "--yes").code == 0


def test_a_cut_waits_for_no_approval_and_no_ticket_and_leaves_out_what_does_not_answer(
    tmp_path: Path, network: Running
) -> None:
    at = desk(tmp_path / "mine", network)
    who = hired(at, network, "Fast", "E4")
    settings = at.folder / "ops.toml"
    text = settings.read_text().replace('irreversible = "nobody"', 'irreversible = "mentor1"')
    settings.write_text(text.replace("ticket = false", "ticket = true"))
    known = at.folder / "known_hosts"
    known.write_text("".join(line for line in known.read_text().splitlines(True) if not line.startswith("ws1")))
    done = at.ops("user", "cut-off", "--logon", who, "--yes")
    assert (done.code, enabled(at, who)) == (5, False), done.err
    assert "login@ws1: nobody has confirmed the key" in done.out
    assert at.ops("user", "offboard", "--logon", who, "--yes", "--ticket", "T1").code in (4, 6)
