"""kill -9 in the middle of an onboarding on a real domain: resume reaches the plan, each change applied once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.lab.test_leaving import hired
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
ROUNDS = 25
LAST = 30  # boundaries of an onboarding with one group: around every record, and around every write


def die(at: Desk, plan: str, run: str, boundary: int) -> int:
    argv = [sys.executable, "-m", "tests.lab.victim", plan, run, str(boundary)]
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(at.folder)}
    return subprocess.run(argv, cwd=at.folder, env=env, capture_output=True, timeout=60, check=False).returncode


def survives(at: Desk, boundary: int, family: str = "Kill") -> set[str]:
    """Plan, die at this boundary, resume, and see that all is as planned; returns what resume called the changes."""
    run = f"{family.upper()}{boundary:04}"
    words = ["--given", f"K{boundary}", "--family", family, "--employee", run, "--groups", "role-legal"]
    assert at.ops("user", "onboard", *words, "--save-plan", f"{run}.json").code == 0
    died = die(at, f"{run}.json", run, boundary)
    assert died in (-signal.SIGKILL, 0)
    if at.ops("run", "show", run).code == 0:
        resumed = at.ops("run", "resume", run)
        assert resumed.code == 0, resumed.err
    else:
        assert boundary <= 1
        assert at.ops("user", "onboard", *words, "--yes").code == 0
        run = at.last_run()
    shown = at.ops("run", "show", run, "--json").json
    assert len(shown["outcomes"]) == len(shown["changes"]) > 5
    again = at.ops("user", "onboard", *words, "--check")
    assert again.code == 0, again.out
    assert at.ops("account", "show", f"k{boundary}.{family.lower()}", "--json").json["enabled"] is True
    return set(shown["outcomes"].values())


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    return desk(tmp_path / "mine", network)


def test_killed_at_some_boundaries_and_resumed(mine: Desk) -> None:
    results = {result for boundary in (1, 6, 10, 15, 20) for result in survives(mine, boundary)}
    assert results == {"changed", "confirmed"}
    assert mine.ops("evidence", "verify").code == 0


def leaves(at: Desk, network: Running, boundary: int) -> set[str]:
    """Somebody hired, whose leaving dies at this boundary and is resumed."""
    run = f"LEAVE{boundary:04}"
    who = hired(at, network, f"Die{boundary}", run)
    words = ["user", "offboard", "--logon", who]
    assert at.ops(*words, "--save-plan", f"{run}.json").code == 0
    assert die(at, f"{run}.json", run, boundary) in (-signal.SIGKILL, 0)
    resumed = at.ops("run", "resume", run)
    assert resumed.code == 0, resumed.err
    again = at.ops(*words, "--check")
    assert again.code == 0, again.out
    assert at.ops("account", "show", who, "--json").json["enabled"] is False
    return set(at.ops("run", "show", run, "--json").json["outcomes"].values())


def test_a_leaving_killed_at_some_boundaries_and_resumed(mine: Desk, network: Running) -> None:
    results = {result for boundary in (3, 14, 38, 46) for result in leaves(mine, network, boundary)}
    assert results == {"changed", "confirmed"}
    assert mine.ops("evidence", "verify").code == 0


@pytest.mark.night
@pytest.mark.timeout(7200)
def test_a_leaving_killed_at_every_boundary_and_resumed(mine: Desk, network: Running) -> None:
    results = {result for boundary in range(2, 70) for result in leaves(mine, network, boundary)}
    assert results == {"changed", "confirmed"}


@pytest.mark.night
@pytest.mark.timeout(7200)
def test_killed_at_every_boundary_many_times_and_resumed(mine: Desk) -> None:
    results: set[str] = set()
    for number in range(ROUNDS):
        family = f"Night{chr(ord('a') + number)}"
        results |= {result for boundary in range(1, LAST) for result in survives(mine, boundary, family)}
    assert results == {"changed", "confirmed"}
    assert mine.ops("evidence", "verify").code == 0
