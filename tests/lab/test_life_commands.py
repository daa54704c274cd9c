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


def test_status_of_one_that_is_just_starting_is_not_up_and_not_left_over(up: Place) -> None:
    file = up.state("c") / "state.json"
    complete = file.read_text()
    file.write_text(json.dumps({**json.loads(complete), "hosts": {}, "half": True}))
    try:
        done = up.lab("status", "--name", "c", "--json")
    finally:
        file.write_text(complete)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["up"], found["left_over"]) == (False, False)


@pytest.mark.parametrize("command", ["up", "reset"])
def test_a_workspace_that_cannot_be_made_is_refused_before_anything_starts(up: Place, command: str) -> None:
    (up.folder / "taken").write_text("a file\n")
    anchor = json.loads((up.state("c") / "state.json").read_text())["anchor"]
    for name in ("fresh", "c"):
        done = up.lab(command, "--name", name, "--workspace-folder", str(up.folder / "taken/here"))
        assert (done.returncode, "is not a folder" in done.stderr) == (2, True), done.stderr
    assert not up.state("fresh").exists()
    assert json.loads((up.state("c") / "state.json").read_text())["anchor"] == anchor


@pytest.mark.parametrize("variable", ["LAB_RUN", "LAB_CACHE"])
def test_a_folder_of_the_network_that_may_not_be_written_is_one_line_about_rights(up: Place, variable: str) -> None:
    argv = up.argv("up", "--name", "elsewhere", "--workspace-folder", str(up.folder / "elsewhere"))
    environment = up.environment | {variable: "/proc/nowhere"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 4, done.stderr
    assert "Not authorised: /proc/nowhere/journeyman/lab may not be written" in done.stderr
    assert "Evidence" not in done.stderr
    assert not up.state("elsewhere").exists()
