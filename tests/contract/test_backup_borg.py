"""What borg alone does with files: flags that it brings back, and zeros that a repair leaves."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ops.adapters.backup import Damaged
from ops.adapters.borg import PATCHED
from tests.contract.dated import ALL
from tests.contract.test_backup import Kept, filled
from tests.contract.test_backup_trouble import of
from tests.unit.test_backup_commands import lead
from tests.unit.test_backup_run import here
from tests.workspace import Desk

__all__ = ["here", "lead"]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return filled(Kept("borg", tmp_path))


def into(kept: Kept) -> Path:
    (made := kept.folder / "into").mkdir()
    return made


def broken(kept: Kept) -> None:
    """An octet in the middle of the data, which are those of one large file."""
    pack = kept.packs()[0]
    octets = bytearray(pack.read_bytes())
    octets[len(octets) // 2] ^= 1
    pack.write_bytes(octets)


def repaired(kept: Kept) -> str:
    """By hand, as whoever makes backups does it; the file that has zeros now."""
    by_hand = replace(kept, tool="env")
    by_hand.run("BORG_CHECK_I_KNOW_WHAT_I_AM_DOING=YES", "borg", "check", "--repair", str(kept.repository))
    run = kept.vault().runs([])[-1]
    (lost,) = [entry.path for entry in kept.vault().entries(run.id) if entry.lost]
    return lost


def test_zeros_that_a_repair_left_are_told_and_the_file_is_named(kept: Kept, lead: Desk) -> None:
    """Borg itself calls the repository whole."""
    (kept.source / "large").write_bytes(os.urandom(400_000))
    kept.keep("second")
    broken(kept)
    lost = repaired(kept)
    assert lost == str(kept.source / "large")
    assert kept.vault().data(ALL) == "", "nobody asked for a job"
    said = lead.ops("backup", "check", "--json")
    assert of(said, "data 1/1")[:2] == ("FAIL", f"1 file is lost ({PATCHED}): {lost}")
    assert of(said, "structure")[0] == "PASS"
    verdict, because, _ = of(lead.ops("backup", "restore-test", "homes", "--files", "4", "--json"), "restore")
    assert verdict == "FAIL"
    assert f"bad: 1 file is lost ({PATCHED}): {lost}" in because
    assert "4 of 4 right" in because
    with pytest.raises(Damaged, match=f"{lost[1:]}: File has damaged .all-zero. chunks"):
        kept.vault().restore("second", [lost], into(kept))


def test_a_backup_with_a_manifest_is_counted_without_what_is_lost(kept: Kept, here: Desk) -> None:
    (kept.source / "large").write_bytes(os.urandom(400_000))
    assert here.ops("backup", "run", "homes", "--yes").code == 0
    kept.run("delete", f"{kept.repository}::first")
    broken(kept)
    lost = repaired(kept)
    said = here.ops("backup", "restore-test", "homes", "--files", "1000", "--json")
    verdict, because, _ = of(said, "restore")
    assert (verdict, f"1 file is lost ({PATCHED}): {lost}" in because) == ("FAIL", True), because


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may set what even the owner cannot change")
@pytest.mark.parametrize("flag", ["i", "a"])
def test_what_nobody_may_change_comes_back_so_that_it_can_be_taken_away(kept: Kept, flag: str) -> None:
    file, back = kept.source / "plain", into(kept)
    if subprocess.run(["chattr", f"+{flag}", str(file)], check=False, capture_output=True).returncode:
        pytest.skip("this file system knows no such flags")
    try:
        kept.keep("second")
    finally:
        subprocess.run(["chattr", f"-{flag}", str(file)], check=True)
    try:
        kept.vault().restore("second", [str(file)], back)
        assert (back / str(file).lstrip("/")).read_bytes() == file.read_bytes()
        (back / str(file).lstrip("/")).unlink()
    finally:
        subprocess.run(["chattr", "-R", f"-{flag}", str(back)], check=True)
