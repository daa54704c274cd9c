"""Every kind of practice network does the main job: as root, as an ordinary user, and without namespaces at all.

The ordinary users are made for the test and removed after it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.lab import kernel
from tests.architecture.house import ROOT, tracked
from tests.lab.test_life import soon
from tests.network import outside

pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="making other users needs root")]
PYTHON = "/usr/bin/python3"  # one that every user may run
STARTER = ("--given", "Moda", "--family", "Lity", "--employee", "M1", "--groups", "role-it")


class Person:
    """Somebody on this machine, a copy of the project they can read, and folders of their own."""

    def __init__(self, folder: Path, account: str = "") -> None:
        self.folder, self.account = folder, account
        libraries = folder / "libraries"
        self.environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(folder / "home"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": f"{folder / 'project'}:{libraries}",
            "LAB_RUN": str(folder / "home/run"),
            "LAB_CACHE": str(folder / "home/cache"),
        }

    def ops(self, *words: str, where: str = "home") -> subprocess.CompletedProcess[str]:
        drop = ["setpriv", "--reuid", self.account, "--regid", self.account, "--init-groups"] if self.account else []
        argv = [*outside(self.folder / where), *drop, PYTHON, "-m", "ops.cli.main", *words]
        return subprocess.run(
            argv, env=self.environment, capture_output=True, text=True, timeout=120, check=False, umask=0o022
        )


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    """A folder everybody can read, with the project and its libraries in it."""
    folder = Path(tempfile.mkdtemp(prefix="modes-"))
    folder.chmod(0o755)
    for path in tracked():
        to = folder / "project" / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    site = Path(sysconfig.get_path("purelib"))
    ours = shutil.ignore_patterns("*journeyman*", "*.pth", "mypy*", "hypothesis*", "ruff*", "pip", "pip-*", "*.pyc")
    shutil.copytree(site, folder / "libraries", ignore=ours)
    subprocess.run(["chmod", "-R", "a+rX", str(folder)], check=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def person(ground: Path, request: pytest.FixtureRequest) -> Iterator[Person]:
    """``root``, or a user made for this test, with (``user``) or without (``alone``) subordinate ids."""
    home = ground / "home"
    kind = request.param
    if kind == "root":
        home.mkdir()
        yield Person(ground)
        shutil.rmtree(home)
        return
    name = f"jm{os.getpid()}{kind[0]}"
    administer("useradd", "--create-home", "--home-dir", str(home), "--shell", "/bin/sh", name)
    ranges = {"--del-subuids": "/etc/subuid", "--del-subgids": "/etc/subgid"}
    for option, file in ranges.items():
        for line in administer("cat", file).splitlines() if kind == "alone" else ():
            owner, first, count = line.split(":")
            if owner == name:
                administer("usermod", option, f"{first}-{int(first) + int(count) - 1}", name)
    try:
        yield Person(ground, name)
    finally:
        uid = int(administer("id", "-u", name))
        ended = soon(lambda: not running(uid))
        shutil.rmtree(home, ignore_errors=True)
        administer("userdel", name)
        assert ended


def administer(*words: str) -> str:
    """Run on the machine itself: inside the network that other tests stand in, its accounts cannot be changed."""
    return subprocess.run([*outside(), *words], check=True, capture_output=True, text=True).stdout


def running(uid: int) -> list[Path]:
    """The processes of one user that have not ended."""
    return [one for one in Path("/proc").glob("[0-9]*") if belongs(one) == uid and kernel.started(one.name)]


def belongs(process: Path) -> int:
    try:
        return process.stat().st_uid
    except OSError:
        return -1


def does_the_main_job(person: Person, mode: str, *words: str) -> None:
    up = person.ops("lab", "up", *words)
    assert up.returncode == 0, up.stderr
    assert f"({mode} mode)" in up.stderr
    try:
        status = json.loads(person.ops("lab", "status", "--json").stdout)
        assert (status["mode"], bool(status["lacks"])) == (mode, mode != "root")
        doctor = person.ops("doctor", where="home/practice")
        assert doctor.returncode == 0, doctor.stdout + doctor.stderr
        dry = person.ops("user", "onboard", *STARTER, "--dry-run", where="home/practice")
        assert dry.returncode == 0, dry.stderr
        done = person.ops("user", "onboard", *STARTER, "--yes", where="home/practice")
        assert done.returncode == 0, done.stderr
        assert "already so" in person.ops("user", "onboard", *STARTER, "--yes", where="home/practice").stdout
        assert person.ops("evidence", "verify", where="home/practice").returncode == 0
        whose = person.folder.joinpath("home/practice/state/ledger.db").stat().st_uid
        assert whose == int(administer("id", "-u", person.account or "root"))
    finally:
        assert person.ops("lab", "down").returncode == 0
    assert [path for path in (person.folder / "home/run").rglob("*") if path.is_file()] == []
    down = person.ops("account", "show", "ever.green", where="home/practice")
    assert (down.returncode, "is not up" in down.stderr) == (1, True)


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_root_has_everything(person: Person) -> None:
    does_the_main_job(person, "root")


@pytest.mark.parametrize("person", ["user"], indirect=True)
def test_an_ordinary_user_needs_no_root(person: Person) -> None:
    does_the_main_job(person, "user")


@pytest.mark.parametrize("person", ["alone"], indirect=True)
def test_a_user_without_lent_ids_has_the_domain_controller(person: Person) -> None:
    does_the_main_job(person, "alone")


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_without_namespaces_the_controller_is_on_a_loopback_address(person: Person) -> None:
    does_the_main_job(person, "loopback", "--mode", "loopback")


@pytest.mark.parametrize("person", ["user"], indirect=True)
def test_a_mode_that_cannot_be_had_is_said_with_the_one_that_can(person: Person) -> None:
    said = person.ops("lab", "up", "--mode", "root")
    assert (said.returncode, "this user can have: user" in said.stderr) == (4, True), said.stderr
    said = person.ops("lab", "up", "--mode", "loopback")
    assert (said.returncode, "ports below 1024" in said.stderr) in ((4, True), (0, False)), said.stderr
    person.ops("lab", "down")
