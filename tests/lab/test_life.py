"""A practice network begins, lasts and ends: killed at any moment it leaves nothing, and the next one works.

These networks are started outside of the one the other tests stand in, with folders of their own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from inventory.lab import kernel
from tests.network import outside

pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="standing outside again needs root")]
KINDS = ("net", "mnt", "pid", "user", "uts", "ipc")


@pytest.fixture(scope="module", autouse=True)
def orphans() -> Iterator[None]:
    """What outlives its parent becomes a child of this process, so that its doings can be told from a neighbour's."""
    kernel.call("prctl", kernel.SUBREAPER, 1, 0, 0, 0)
    yield
    kernel.call("prctl", kernel.SUBREAPER, 0, 0, 0, 0)


class Place:
    """Folders for networks of one test, and the command line, outside."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder, self.run = folder, folder / "run"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
        self.environment |= {"LAB_RUN": str(self.run), "LAB_CACHE": str(cache)}

    def argv(self, *words: str) -> list[str]:
        return [*outside(self.folder), sys.executable, "-m", "ops.cli.main", "lab", *words]

    def lab(self, *words: str, umask: int = 0o022) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*words),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            umask=umask,
        )

    def up(self, name: str, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        return self.lab("up", "--name", name, "--workspace-folder", f"{self.folder}/{name}", *words, **more)

    def ops(self, workspace: str, *words: str) -> subprocess.CompletedProcess[str]:
        argv = [*outside(self.folder / workspace), sys.executable, "-m", "ops.cli.main", *words]
        return subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=180, check=False)

    def state(self, name: str) -> Path:
        return self.run / "journeyman/lab" / name

    def files(self) -> list[str]:
        return [str(path) for path in self.run.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def place(tmp_path: Path, cache: Path) -> Iterator[Place]:
    here = Place(tmp_path, cache)
    yield here
    for folder in here.run.glob("journeyman/lab/*/"):
        here.lab("down", "--name", folder.name)
    assert here.files() == []


def ours() -> set[int]:
    """Everything alive that began in this process, however far down; others use this machine beside us."""
    children: dict[int, list[int]] = {}
    for stat_file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            field = stat_file.read_text().rpartition(")")[2].split()
            children.setdefault(int(field[1]), []).append(int(stat_file.parent.name))
    found, left = set(), [os.getpid()]
    while left:
        found.add(one := left.pop())
        left += children.get(one, [])
    return {one for one in found if kernel.started(one)}


def picture() -> tuple[frozenset[str], str, str]:
    """Namespaces that anything of ours lives in, this machine's mounts, and its links."""
    namespaces = set()
    for process in ours():
        for kind in KINDS:
            with suppress(OSError):
                namespaces.add(str(Path(f"/proc/{process}/ns/{kind}").readlink()))
    mounts = subprocess.run([*outside(), "cat", "/proc/self/mountinfo"], capture_output=True, text=True, check=True)
    links = subprocess.run([*outside(), "ip", "-o", "link"], capture_output=True, text=True, check=True)
    return frozenset(namespaces), mounts.stdout, re.sub(r"(?m)^\d+: ", "", links.stdout)


def soon(condition: Any, seconds: float = 5) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def killed(place: Place, name: str, delay: float) -> None:
    """Start one, kill -9 the command after so many seconds, and see that it is as if it had never been."""
    before = picture()
    argv = place.argv("up", "--name", name, "--workspace-folder", str(place.folder / name))
    up = subprocess.Popen(argv, cwd=place.folder, env=place.environment, stderr=subprocess.DEVNULL)
    time.sleep(delay)
    ended = up.poll() is not None
    up.send_signal(signal.SIGKILL)
    up.wait()
    complete = ended or json.loads(place.lab("status", "--name", name, "--json").stdout)["up"]
    if not complete:
        assert soon(lambda: picture() == before), delay
    assert place.lab("down", "--name", name).returncode == 0
    assert soon(lambda: picture() == before), delay
    assert place.files() == []


@pytest.mark.parametrize(
    "delays", [pytest.param((0.05, 0.25), id="twice"), pytest.param((0.1, 0.15, 0.35, 0.5), marks=pytest.mark.night)]
)
def test_killed_while_it_begins_it_leaves_nothing(place: Place, delays: tuple[float, ...]) -> None:
    assert place.up("first").returncode == 0
    assert place.lab("down", "--name", "first").returncode == 0
    for delay in delays:
        killed(place, "k", delay)
    assert place.up("k").returncode == 0


def test_killed_while_the_domain_is_made_it_leaves_nothing(tmp_path: Path, cache: Path, place: Place) -> None:
    fresh = Place(tmp_path / "fresh", tmp_path / "fresh-cache")
    fresh.folder.mkdir()
    killed(fresh, "m", 1.5)
    assert fresh.up("m").returncode == 0
    assert [path.name for path in (tmp_path / "fresh-cache").rglob(".new*")] == []
    assert fresh.lab("down", "--name", "m").returncode == 0


@pytest.mark.night
def test_killed_at_many_moments_it_leaves_nothing(place: Place) -> None:
    for delay in range(10, 900, 15):
        killed(place, "n", delay / 1000)


def test_when_its_first_process_is_killed_the_kernel_takes_everything_down(place: Place) -> None:
    before = picture()
    assert place.up("a").returncode == 0
    assert picture() != before
    os.kill(json.loads((place.state("a") / "state.json").read_text())["anchor"], signal.SIGKILL)
    assert soon(lambda: picture() == before)
    assert "is down; files of an interrupted start are left" in place.lab("status", "--name", "a").stdout
    assert place.up("a").returncode == 0


def test_two_side_by_side_do_not_disturb_each_other(place: Place) -> None:
    assert (place.up("one").returncode, place.up("two").returncode) == (0, 0)
    made = ("user", "onboard", "--given", "Only", "--family", "Here", "--employee", "O1", "--yes")
    assert place.ops("one", *made).returncode == 0
    assert place.ops("two", "account", "show", "only.here").returncode == 1
    assert place.lab("down", "--name", "two").returncode == 0
    assert place.ops("one", "account", "show", "only.here").returncode == 0


def test_up_twice_is_up_once_and_the_workspace_is_kept(place: Place) -> None:
    assert place.up("t").returncode == 0
    before = json.loads((place.state("t") / "state.json").read_text())["anchor"], (place.folder / "t/ops.toml").stat()
    again = place.up("t")
    assert (again.returncode, "is up" in again.stderr) == (0, True)
    after = json.loads((place.state("t") / "state.json").read_text())["anchor"], (place.folder / "t/ops.toml").stat()
    assert before == after


def test_everything_private_is_private_whatever_the_umask(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "cache")
    assert place.up("p", umask=0).returncode == 0
    open_to_others = [
        str(path)
        for top in (place.state("p"), tmp_path / "cache/journeyman", tmp_path / "p/state")
        for path in [top, *top.rglob("*")]
        if not path.is_symlink() and path.lstat().st_mode & 0o077 and not inside_private(path, tmp_path)
    ]
    assert open_to_others == []
    assert place.lab("down", "--name", "p").returncode == 0


def inside_private(path: Path, top: Path) -> bool:
    """Whether a folder above it already keeps everybody else out."""
    return any(not stat.S_IMODE(one.stat().st_mode) & 0o077 for one in path.parents if top in one.parents)


def test_a_template_of_older_code_is_removed_and_one_that_was_damaged_is_made_again(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "cache")
    old = tmp_path / "cache/journeyman/lab/domain-50-0123456789ab-198_51_100_10.tar.zst"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    assert place.up("d").returncode == 0
    assert not old.exists()
    assert place.lab("down", "--name", "d").returncode == 0
    archive = next((tmp_path / "cache").rglob("domain-*.tar.zst"))
    ca_before = (tmp_path / "d/ca.pem").read_bytes()
    archive.write_bytes(archive.read_bytes()[:100_000])
    again = place.up("d")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "d/ca.pem").read_bytes() != ca_before
    done = place.ops("d", "doctor")
    assert done.returncode == 0, done.stdout
    assert "measured by its certificate authority" in done.stdout
    assert place.lab("down", "--name", "d").returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("up", "--mode", "user"), "the user mode is for ordinary users"),
        (("up", "--people", "0"), "Invalid value for '--people'"),
        (("up", "--workspace-folder", "/proc/nowhere"), "cannot be made"),
        (("up", "--name", "../../etc"), "cannot be the name of a network"),
        (("shell", "nowhere"), "is not up"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(place: Place, words: tuple[str, ...], said: str) -> None:
    done = place.lab(*words)
    assert done.returncode in (1, 2, 4), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.night
def test_ten_thousand_people_are_a_template_of_their_own(place: Place) -> None:
    began = time.monotonic()
    argv = place.argv("up", "--name", "big", "--people", "10000", "--workspace-folder", f"{place.folder}/big")
    subprocess.run(argv, env=place.environment, check=True, timeout=900)
    first = time.monotonic() - began
    assert place.lab("down", "--name", "big").returncode == 0
    began = time.monotonic()
    assert place.up("big", "--people", "10000").returncode == 0
    print(f"10,000 people: first {first:.0f} s, later {time.monotonic() - began:.1f} s")
