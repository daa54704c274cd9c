"""Files as they are now, asked of this machine and of a host behind a real sshd: only what is unchanged is told."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.backup.measuring import Seen
from ops.adapters.backup import Original
from ops.adapters.backup_here import Here
from ops.adapters.ssh_originals import Far
from tests.contract.test_backup import NAMES
from tests.contract.test_backup_sentinel import behind


@pytest.fixture(params=["here", "far"])
def original(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Original]:
    if request.param == "here":
        yield Here()
    else:
        with behind(tmp_path, "") as far:
            yield Far(far.door)


def seen(path: Path) -> Seen:
    told = path.lstat()
    return Seen(str(path), told.st_size, told.st_mtime_ns)


def test_each_file_that_is_unchanged_is_told_by_its_hash(original: Original, tmp_path: Path) -> None:
    (folder := tmp_path / "files").mkdir()
    names = [*NAMES, os.fsdecode(b"\xff no utf-8"), " blank ", "a" * 200]
    for name in names:
        (folder / name).write_bytes(name.encode(errors="surrogateescape") * 9)
    files = [seen(folder / name) for name in names]
    right = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]
    assert original.unchanged(files) == right
    assert original.unchanged([]) == []


def test_what_has_another_size_or_time_or_is_gone_or_no_file_is_not(original: Original, tmp_path: Path) -> None:
    (folder := tmp_path / "files").mkdir()
    for name in ("same", "longer", "touched", "gone"):
        (folder / name).write_bytes(b"content")
    files = [seen(folder / name) for name in ("longer", "touched", "gone", "same")]
    (folder / "longer").write_bytes(b"more content")
    os.utime(folder / "touched", ns=(1, files[1].mtime + 1))
    (folder / "gone").unlink()
    (folder / "link").symlink_to(folder / "same")
    told = original.unchanged([*files, seen(folder / "link"), seen(folder)])
    assert told == ["", "", "", hashlib.sha256(b"content").hexdigest(), "", ""]


def test_a_time_in_whole_seconds_is_any_moment_of_that_second(original: Original, tmp_path: Path) -> None:
    """SFTP and some archives tell no more of it."""
    (file := tmp_path / "file").write_bytes(b"content")
    os.utime(file, ns=(5_500_000_000, 5_500_000_000))
    times = (5_500_000_000, 5_000_000_000, 5_400_000_000, 6_000_000_000, 4_000_000_000)
    told = [original.unchanged([Seen(str(file), 7, time)]) for time in times]
    assert [bool(one) for (one,) in told] == [True, True, False, False, False]
