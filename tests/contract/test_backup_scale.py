"""Backups of very many files and of a very large one, with the real tools: minutes each, so for nights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.contract.test_backup import Kept, kept
from tests.unit.test_backup_commands import lead
from tests.unit.test_backup_run import here, small
from tests.warm import usual
from tests.workspace import Desk

__all__ = ["here", "kept", "lead"]
pytestmark = pytest.mark.night
FEW, MANY = 3_000, 300_000
ALLOWED = 24 << 10  # KiB: what is kept in mind of very many files to draw from, and no more


@pytest.fixture
def crowds(kept: Kept) -> Iterator[dict[str, Path]]:
    """Two folders of small files, one of a hundred times as many."""
    folders = {"few": kept.folder / "few", "many": kept.folder / "many"}
    for folder, number in zip(folders.values(), (FEW, MANY), strict=True):
        for one in range(number):
            if one % 1000 == 0:
                (below := folder / f"{one // 1000:03d}").mkdir(parents=True)
            (below / f"f{one}").write_bytes(b"%d " % one * (one % 40 + 1))
    yield folders
    for folder in folders.values():
        rmtree(folder)


def peak(here: Desk, *words: str) -> tuple[int, str]:
    """How much memory the command itself took at most, in KiB, and what it said; it has to end well."""
    most, argv = 0, [sys.executable, "-m", "ops.cli.main", *words]
    with subprocess.Popen(argv, cwd=here.folder, env=usual(), stdout=subprocess.PIPE) as one:
        status = Path("/proc", str(one.pid), "status")
        while one.poll() is None:
            rows = dict(line.split(":", 1) for line in status.read_text().splitlines())
            most = max(most, int(rows.get("VmHWM", "0").split()[0]))
            time.sleep(0.02)
        said = (one.stdout.read() if one.stdout else b"").decode()
    assert one.returncode == 0, said
    return most, said


def test_a_hundred_times_as_many_files_take_no_more_memory(here: Desk, crowds: dict[str, Path]) -> None:
    plan = here.folder / "inventory/backups.yaml"
    rows = [
        f'  {name}: {{system: FS-1, target: vault, paths: ["{path}"], every: 1d}}\n' for name, path in crowds.items()
    ]
    plan.write_text(plan.read_text().replace("jobs:\n", "jobs:\n" + "".join(rows)))
    made = {name: peak(here, "backup", "run", name, "--yes")[0] for name in crowds}
    back = {name: peak(here, "backup", "restore-test", name, "--json") for name in crowds}
    (told,) = [one for one in json.loads(back["many"][1])["findings"] if one["rule"] == "restore"]
    assert (told["verdict"], f"of {MANY} are bad" in told["because"]) == ("PASS", True)
    assert made["many"] - made["few"] < ALLOWED, made
    assert back["many"][0] - back["few"][0] < ALLOWED, back


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_file_of_20_gb_with_nothing_in_it_is_kept_small_and_is_not_called_tried(here: Desk, kept: Kept) -> None:
    with (kept.source / "large").open("wb") as file:
        file.truncate(20 << 30)
    with small(here.folder / "state/restored", "64m"):
        most, _ = peak(here, "backup", "run", "homes", "--yes")
        assert sum(one.stat().st_size for one in kept.packs()) < 50 << 20
        assert most < 200 << 10
        told = json.loads(peak(here, "backup", "restore-test", "homes", "--json")[1])["findings"]
        verdicts = {one["verdict"]: one["because"] for one in told if one["rule"] == "restore"}
        assert "1 as large or larger is left out: there is no room here" in verdicts["UNKNOWN"]
        assert list((here.folder / "state/restored").iterdir()) == []
