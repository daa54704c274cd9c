"""What the commands of a practice network answer, to a reader and to a program, while it is up and when it is not."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.lab.test_life import Place

pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="standing outside again needs root")]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One network, ``c``, for questions that change nothing."""
    place = Place(tmp_path_factory.mktemp("commands"), tmp_path_factory.mktemp("cache"))
    try:
        done = place.up("c")
        assert done.returncode == 0, done.stderr
        yield place
    finally:
        place.lab("down", "--name", "c")


def inside(place: Place, *words: str) -> subprocess.CompletedProcess[str]:
    return place.lab("shell", "--name", "c", *words)


def test_a_command_runs_on_the_host_that_is_named(up: Place) -> None:
    done = inside(up, "dc1", "--", "hostname")
    assert (done.returncode, done.stdout, done.stderr) == (0, "dc1\n", "")


@pytest.mark.parametrize("host", ["dc1", "admin"])
def test_its_exit_code_is_ours(up: Place, host: str) -> None:
    assert inside(up, host, "--", "sh", "-c", "exit 7").returncode == 7


@pytest.mark.parametrize("host", ["dc1", "admin"])
def test_a_program_that_is_not_there_is_one_clear_line(up: Place, host: str) -> None:
    done = inside(up, host, "--", "no-such-program")
    assert (done.returncode, "no-such-program cannot be run" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


def test_status_tells_a_program_where_everything_is(up: Place) -> None:
    found = json.loads(up.lab("status", "--name", "c", "--json").stdout)
    assert (found["up"], found["mode"]) == (True, "root")
    assert found["hosts"]["dc1"].startswith("198.51.100.")
    assert not found["left_over"]


def test_status_of_what_is_not_there_is_an_answer_too(up: Place) -> None:
    done = up.lab("status", "--name", "never", "--json")
    assert (done.returncode, json.loads(done.stdout)["up"]) == (0, False)
