"""How much room there is, asked of real file systems: here, over SFTP, by df(1), and where nobody tells."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ops.adapters.ssh_files import room_behind
from ops.errors import NotOffered, Unreachable
from tests.contract.test_backup_sentinel import behind

READS = "/usr/lib/openssh/sftp-server -R"
MEASURES = """/bin/sh -c 'case "$SSH_ORIGINAL_COMMAND" in df*) exec $SSH_ORIGINAL_COMMAND;; esac; exit 1'"""
NEAR = 64 << 20  # octets others may write meanwhile


def close(found: tuple[int, ...], folder: Path) -> bool:
    """Whether it is what the file system itself says, but for what others write meanwhile."""
    seen = os.statvfs(folder)
    used, free = (seen.f_blocks - seen.f_bfree) * seen.f_frsize, seen.f_bavail * seen.f_frsize
    return abs(found[0] - used) < NEAR and abs(found[1] - free) < NEAR and len(found) == 4


@pytest.mark.parametrize("command", [READS, MEASURES], ids=["a key that only reads", "a key that only measures"])
def test_the_far_side_tells_how_much_room_there_is(tmp_path: Path, command: str) -> None:
    with behind(tmp_path, command) as far:
        found = room_behind(far.door, str(far.folder))
        assert close(found, far.folder), found


def test_both_ways_of_asking_agree_on_inodes(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with behind(tmp_path / "one", READS) as far:
        by_sftp = room_behind(far.door, str(far.folder))
    with behind(tmp_path / "two", MEASURES) as far:
        by_df = room_behind(far.door, str(far.folder))
    assert abs(by_sftp[2] - by_df[2]) < 10_000
    assert abs(by_sftp[3] - by_df[3]) < 10_000


def test_a_key_that_may_ask_nothing_is_no_good_answer(tmp_path: Path) -> None:
    with behind(tmp_path, "/bin/false") as far, pytest.raises(NotOffered, match="does not tell"):
        room_behind(far.door, str(far.folder))


def test_a_folder_that_is_not_there_has_no_room(tmp_path: Path) -> None:
    with behind(tmp_path, "") as far, pytest.raises((NotOffered, Unreachable)):
        room_behind(far.door, str(far.folder / "nowhere"))
