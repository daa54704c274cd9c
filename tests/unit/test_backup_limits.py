"""A program that stands still is ended in time, and one that works is not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ops.adapters.backup import Mark
from ops.adapters.backup_limits import Limits
from ops.adapters.backup_tool import Tool
from ops.adapters.borg import BorgVault
from ops.errors import Unreachable
from ops.secret import Secret
from tests.contract.test_backup import NAMES, PASSWORD, Kept, filled

STILL = 2.0  # seconds; those that are left alone live for four
WRITER = "import os, time; [(time.sleep(0.5), os.write(2, bytes({}))) for _ in range({})]"
SOON = Limits(60.0, still=STILL)


@pytest.fixture
def shell() -> Tool:
    return Tool("bash", {}, None, "")


@pytest.mark.parametrize(
    "script",
    ["sleep 90 & wait", f"exec python3 -c '{WRITER.format(1, 180)}'"],
    ids=["sleeps", "wakes up and does next to nothing"],
)
def test_one_that_stands_still_is_ended_and_told(shell: Tool, script: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="bash stood still for 2 s") as told:
        shell.run(["-c", script], limits=SOON)
    assert STILL <= time.monotonic() - begun < 40
    assert "is there room where it writes" in told.value.hint


@pytest.mark.parametrize(
    "work",
    ["timeout 4 bash -c 'while :; do :; done'", f"python3 -c '{WRITER.format(4096, 8)}'"],
    ids=["computes", "writes now and then"],
)
def test_one_that_works_is_left_alone(shell: Tool, work: str) -> None:
    """What works is its child, as the SSH of restic and borg is."""
    assert shell.run(["-c", f"{work}; exit 7"], limits=SOON).code == 7


@pytest.fixture
def borg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setattr("ops.adapters.borg.ALONE", SOON)
    return filled(Kept("borg", tmp_path))


@pytest.mark.parametrize("act", ["check", "restore", "make"])
def test_borg_is_left_alone_while_the_far_side_works(borg: Kept, act: str) -> None:
    """Its client waits for ``borg serve`` behind SSH, and of that nothing can be seen here."""
    far = borg.folder / "ssh"
    far.write_text(f"#!/bin/sh\nsleep {2 * STILL}\nexec borg serve\n")
    far.chmod(0o755)
    here = borg.vault().target
    vault = BorgVault(here, Secret(PASSWORD), borg.folder / "cache", f"ssh://b@vault{borg.repository}", str(far))
    if act == "check":
        assert vault.structure() == ""
    elif act == "make":
        assert vault.make(Mark("r", "homes"), [str(borg.source)]) == ""
    else:
        (into := borg.folder / "into").mkdir()
        vault.restore("first", [str(borg.source / NAMES[0])], into)
        assert (into / str(borg.source / NAMES[0]).lstrip("/")).exists()


def test_borg_that_stands_still_here_is_ended(borg: Kept) -> None:
    (borg.repository / "config").unlink()
    os.mkfifo(borg.repository / "config")
    with pytest.raises(Unreachable, match="borg stood still for 2 s"):
        borg.vault().structure()
