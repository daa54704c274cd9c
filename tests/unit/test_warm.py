"""What tests use instead of a start from nothing is the same command, and has nothing of ours in it beforehand."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.unit.school import ROOM
from tests.warm import LIBRARIES, run
from tests.workspace import Desk, bare


@pytest.fixture
def amy(tmp_path: Path) -> Desk:
    return bare(tmp_path / "amy")


@pytest.mark.parametrize(
    "words", [("run", "list"), ("no", "such"), ("evidence", "show", "NONE", "--json"), ("--help",)]
)
def test_it_says_and_ends_as_one_that_starts_from_nothing(amy: Desk, words: tuple[str, ...]) -> None:
    assert amy.ops(*words) == amy.ops(*words, env={})


def test_libraries_bring_nothing_of_ours() -> None:
    probe = (
        f"import importlib, sys; [importlib.import_module(one) for one in {LIBRARIES}]\n"
        "print([one for one in sys.modules if one.partition('.')[0] in ('ops', 'inventory', 'evidence')])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_several_at_once_are_kept_apart(tmp_path: Path) -> None:
    desks = [bare(tmp_path / f"{number}", f"name{number}") for number in range(6)]
    with ThreadPoolExecutor() as pool:
        said = list(pool.map(lambda at: at.ops("config", "show", "--json"), desks))
    for at, one in zip(desks, said, strict=True):
        assert (one.code, str(at.folder) in one.out) == (0, True)


def test_one_that_takes_too_long_is_ended(amy: Desk) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run(["task", "set-up-room", *ROOM, "--yes"], amy.folder, "", 0.01)
    time.sleep(2)  # in which it would have been done
    assert amy.ops("run", "list", "--json").json["runs"] == []
