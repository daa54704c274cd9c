"""A fresh Debian with Python and git and nothing else of ours: each script works as the first command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, tracked

pytestmark = [pytest.mark.night, pytest.mark.timeout(1800)]
FRESH = Path(__file__).parent / "fresh.sh"
HOME = "home/journeyman"


def run(*argv: str | Path, seconds: int = 900) -> str:
    """Run to a good end; what it printed, talk included."""
    words = [str(word) for word in argv]
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A minimal system from this machine's own mirror, with a copy of the project and its pinned wheels."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        pytest.fail("this needs root and debootstrap: apt-get install debootstrap")
    root = tmp_path_factory.mktemp("fresh") / "root"
    mirror = run("apt-get", "indextargets", "--format", "$(SITE)").splitlines()[0]
    run("debootstrap", "--variant=minbase", "--include=git,python3,ca-certificates", "bookworm", root, mirror)
    for name in ("apt/sources.list.d", "apt/apt.conf.d", "resolv.conf", "hosts"):
        source, target = Path("/etc", name), root / "etc" / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy(source, target)
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    for path in tracked():
        to = root / HOME / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    run("git", "-C", root / HOME, "init", "-q")
    pip = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-d", root / "wheels")
    run(*pip, "-r", ROOT / "requirements-test.lock")
    run(*pip, "-r", ROOT / "requirements.lock")
    yield root
    shutil.rmtree(root)


def inside(machine: Path, *words: str) -> str:
    return run("unshare", "-mpf", "--kill-child", FRESH, machine, *words)


def at_boot(machine: Path) -> set[str]:
    """What would start at the next boot: systemd's wishes and the older links."""
    wishes = {path.name for path in (machine / "etc/systemd/system").glob("*.wants/*")}
    return wishes | {path.name for path in machine.glob("etc/rc2.d/S*")}


def test_the_demo_is_the_first_command_and_leaves_nothing_that_starts_at_boot(machine: Path) -> None:
    before = at_boot(machine)
    said = inside(machine, f"/{HOME}/script/demo", "--yes")
    assert "mode root" in said
    assert 'Good "evidence-record-v1" signature' in said
    assert at_boot(machine) == before
    assert not (machine / "usr/sbin/policy-rc.d").exists()


def test_all_tests_pass_there(machine: Path) -> None:
    said = inside(machine, "env", "LAB_MODE=root", f"/{HOME}/script/test", "--yes")
    assert " passed" in said
    assert " skipped" not in said
