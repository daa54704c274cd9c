"""Files that appear whole or not at all, whoever else writes there and however the writer ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.errors import InvalidRequest
from ops.private import appearing, new_file, write_private

KILLED = """
import os, signal, sys
from pathlib import Path
from ops.private import new_file
with new_file(Path(sys.argv[1])) as file:
    file.write(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_is_taken_away_and_what_another_writes_is_not(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "a")], check=False, timeout=30)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    with new_file(tmp_path / "b") as file:
        assert not left.exists()
        write_private(tmp_path / "c", "meanwhile")
        file.write(b"whole")
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"b": "whole", "c": "meanwhile"}


def test_two_that_write_one_name_never_meet_and_the_second_is_told(tmp_path: Path) -> None:
    with new_file(tmp_path / "a") as first:
        first.write(b"first")
        with new_file(tmp_path / "a") as second:
            second.write(b"second")
        with pytest.raises(FileExistsError), appearing(tmp_path / "a", replace=False):
            pass
        with pytest.raises(InvalidRequest, match="exists already"), new_file(tmp_path / "a"):
            pass
        (tmp_path / "a").unlink()
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "first"


def test_a_link_to_nothing_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidRequest, match="is a link to nothing"), new_file(tmp_path / "link"):
        pass
    assert (tmp_path / "link").is_symlink()
    assert not (tmp_path / "elsewhere").exists()


def test_many_writers_of_one_private_file_all_end_well(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from ops.private import write_private\n"
    code += "for n in range(20): write_private(Path(sys.argv[1]), sys.argv[2] * 5000)"
    words = [(sys.executable, "-c", code, str(tmp_path / "a"), letter) for letter in "xyz"]
    running = [subprocess.Popen(one) for one in words]
    while any(one.poll() is None for one in running):
        if (tmp_path / "a").exists():
            assert len((tmp_path / "a").read_text()) == 5000
        time.sleep(0.01)
    assert [one.returncode for one in running] == [0, 0, 0]
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
