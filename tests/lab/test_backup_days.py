"""A day passes between two starts of the practice network: the night that is missing is added to what was kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from inventory.lab import Running
from inventory.lab.data import last_night, nights
from inventory.lab.history import History, Making, passwords
from inventory.lab.job import registry
from inventory.lab.state import cache_folder

pytestmark = pytest.mark.lab


@pytest.fixture
def kept(network: Running, tmp_path: Path) -> History:
    """A copy of what this machine has kept up to some night."""
    if network.mode != "root":
        pytest.skip(f"mode {network.mode} makes it in another way")
    found = History(cache_folder(), last_night(datetime.now(UTC)))
    if not found.complete:
        pytest.skip("it was made on another day: ops lab up adds this one")
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    for path in (found.archive, found.checksum, cache_folder() / "backups.secrets"):
        shutil.copy2(path, cache)
    return History(cache, found.night)


def said(program: str, history: History, folder: Path, *words: str) -> str:
    """What a tool says of its unpacked repository, opened with the machine's own password."""
    name = {"restic": "vault", "borg": "attic"}[program]
    opens = {"RESTIC_PASSWORD_FILE": "/dev/stdin"}
    opens |= {"BORG_PASSPHRASE_FD": "0", "BORG_BASE_DIR": str(folder), "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}
    opens |= {"RESTIC_REPOSITORY": f"{folder}/backup/restic", "BORG_REPO": f"{folder}/backup/borg"}
    done = subprocess.run(
        [program, *words], input=passwords(history.cache)[name] + "\n", capture_output=True, text=True, timeout=60,
        env={**os.environ, **opens, "TZ": "UTC"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def unpacked(history: History, folder: Path) -> Path:
    folder.mkdir()
    subprocess.run(["tar", "-xf", history.archive, "-C", folder], check=True, timeout=60)
    return folder


@pytest.mark.parametrize("days", [1, 3])
def test_nights_that_passed_are_added_to_what_was_kept(kept: History, tmp_path: Path, days: int) -> None:
    """By the jobs themselves, at their times; what was there before is the same file for file."""
    first = unpacked(kept, tmp_path / "first")
    later = History(kept.cache, kept.night + timedelta(days=days))
    assert (later.complete, later.before()) == (False, kept)
    with Making(later, rootless=False):
        pass
    assert later.complete
    assert not kept.archive.exists(), "only the newest is kept"
    folder = unpacked(later, tmp_path / "later")
    wanted = {*known(first), *nights(later.night)}
    assert known(folder) == sorted(wanted)
    packs = [path.relative_to(first) for path in (first / "backup/restic/data").rglob("*") if path.is_file()]
    assert packs
    assert all((folder / pack).read_bytes() == (first / pack).read_bytes() for pack in packs)
    said("restic", later, folder, "check", "--no-cache", "--read-data")
    said("borg", later, folder, "check", "--verify-data")
    restic, borg = (next(job for job in registry() if job.tool == tool) for tool in ("restic", "borg"))
    rows = json.loads(said("restic", later, folder, "snapshots", "--json", "--no-cache"))
    assert {row["time"][:19] for row in rows} == {f"{restic.moment(night):%Y-%m-%dT%H:%M:%S}" for night in wanted}
    names = said("borg", later, folder, "list", "--short").split()
    assert names == [f"{borg.name}-{borg.moment(night):%Y-%m-%dT%H:%M:%S}" for night in sorted(wanted)]
    for job in registry():
        if job.tool == "tar":
            assert len(list((folder / "archive" / job.host).glob(f"{job.name}-*"))) == len(wanted)
        if job.tool == "rsync":
            names = sorted(path.name for path in (folder / "backup/mirror").iterdir())
            assert names == [f"{job.moment(night):%Y-%m-%dT%H%M%SZ}" for night in sorted(wanted)]


def known(folder: Path) -> list[date]:
    """The nights an unpacked archive says it has."""
    return [date.fromisoformat(line) for line in (folder / "backup/.nights").read_text().split()]


def test_what_is_too_old_or_was_changed_is_not_added_to(kept: History) -> None:
    weeks = History(kept.cache, kept.night + timedelta(days=30))
    assert weeks.before() is None
    assert History(kept.cache, kept.night - timedelta(days=1)).before() is None, "of a day still to come"
    with kept.archive.open("r+b") as file:
        file.write(b"x")
    assert History(kept.cache, kept.night + timedelta(days=1)).before() is None
