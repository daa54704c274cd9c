"""Two accounts of one machine, each with a home nobody else may enter: only files go between them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.test_modes import PYTHON, administer, ground
from tests.network import outside
from tests.unit import school as schools
from tests.unit.school import School

__all__ = ["ground"]
pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="making other users needs root")]
PEOPLE = ("amy", "mentor")


@pytest.fixture
def school(ground: Path, tmp_path: Path) -> Iterator[School]:
    """Workspaces in the homes of two users made for this test."""
    made = schools.make(tmp_path / "s")
    homes = School(ground / "homes")
    homes.folder.mkdir()
    for name in PEOPLE:
        account, home = f"jm{os.getpid()}{name[0]}", homes.folder / name
        administer("useradd", "--create-home", "--home-dir", str(home), "--shell", "/bin/sh", account)
        shutil.copytree(made.folder / name, home, dirs_exist_ok=True)
        identity = home / "state/identity.json"
        identity.write_text(identity.read_text().replace(str(made.folder), str(homes.folder)))
        administer("chown", "-R", account, str(home))
        home.chmod(0o700)
    between = homes.folder / "between"
    between.mkdir()
    between.chmod(0o1777)
    yield homes
    for name in PEOPLE:
        administer("userdel", f"jm{os.getpid()}{name[0]}")
    shutil.rmtree(homes.folder)


def ops(ground: Path, school: School, name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """As one of them, at home."""
    account, home = f"jm{os.getpid()}{name[0]}", school.folder / name
    drop = ["setpriv", "--reuid", account, "--regid", account, "--init-groups"]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": f"{ground / 'project'}:{ground / 'libraries'}",
    }
    argv = [*outside(home), *drop, PYTHON, "-m", "ops.cli.main", *words]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_records_and_decisions_go_between_two_people_as_files_alone(ground: Path, school: School) -> None:
    between = school.folder / "between"
    told = ops(ground, school, "amy", "task", "set-up-room", *schools.ROOM, "--yes")
    assert told.returncode == 0, told.stderr
    sent = ops(ground, school, "amy", "evidence", "submit", "-o", str(between / "1.evidence"))
    assert sent.returncode == 0, sent.stderr
    assert (between / "1.evidence").stat().st_mode & 0o077 == 0
    (between / "1.evidence").chmod(0o644)
    got = ops(ground, school, "mentor", "review", "import", str(between / "1.evidence"))
    assert got.returncode == 0, got.stderr
    listed = json.loads(ops(ground, school, "mentor", "review", "list", "--json").stdout)
    accepted = ops(ground, school, "mentor", "review", "accept", listed["records"][0]["record"], "--criteria", "vacsr")
    assert accepted.returncode == 0, accepted.stderr
    assert ops(ground, school, "mentor", "review", "return", "Amy", "-o", str(between / "1.return")).returncode == 0
    (between / "1.return").chmod(0o644)
    back = ops(ground, school, "amy", "evidence", "receive", str(between / "1.return"))
    assert (back.returncode, "accepted" in back.stdout) == (0, True), back.stderr
    shut = ops(ground, school, "amy", "--workspace", str(school.folder / "mentor"), "evidence", "list")
    assert shut.returncode != 0
    assert "Traceback" not in shut.stderr
