"""The wheel, built from what is committed and installed by itself: it brings all its data, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from ops import __version__
from tests.architecture.house import ROOT, tracked

TOP = {"ops", "evidence", "inventory", "playbooks", f"journeyman-{__version__}.dist-info"}


def run(*argv: str, cwd: Path, **environment: str) -> str:
    """Run to a good end; what it printed."""
    kept = {"PATH": os.environ["PATH"], "HOME": str(cwd), "LANG": "C.UTF-8", **environment}
    done = subprocess.run(argv, cwd=cwd, env=kept, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built offline, from a copy of the tracked files."""
    copy = tmp_path_factory.mktemp("source")
    for path in tracked():
        to = copy / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    made = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation", "--no-index")
    run(*pip, "-w", str(made), ".", cwd=copy)
    return next(made.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with only the wheel in it; its dependencies are those of this environment."""
    place = tmp_path_factory.mktemp("clean")
    venv.create(place / "venv", with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(place / "venv")}))
    dependencies = place / "dependencies"
    dependencies.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "journeyman" not in path.name and path.suffix != ".pth":
            (dependencies / path.name).symlink_to(path)
    (site / "dependencies.pth").write_text(f"{dependencies}\n")
    python = place / "venv/bin/python"
    run(str(python), "-m", "pip", "-q", "install", "--no-deps", "--no-index", str(wheel), cwd=place)
    return place / "venv/bin/ops"


def test_the_wheel_brings_the_four_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == TOP
    inside = {path.relative_to(ROOT).as_posix() for path in tracked()}
    wanted = {n for n in inside if n.startswith(("ops/", "evidence/", "inventory/", "playbooks/"))}
    assert wanted - set(names) == set()
    assert [
        name for name in names if name.partition("/")[0] in TOP and name not in wanted and "dist-info" not in name
    ] == []


def test_it_runs_by_itself(installed: Path, tmp_path: Path) -> None:
    assert run(str(installed), "--version", cwd=tmp_path) == f"ops {__version__}\n"
    assert "onboard" in run(str(installed), "user", "--help", cwd=tmp_path)
    assert "--employee" in run(str(installed), "user", "onboard", "--help", cwd=tmp_path)
    assert "rapids-1059cb" in run(str(installed), "framework", "list", cwd=tmp_path)
    assert "Exit code 6" in run(str(installed), "help", "conflict", cwd=tmp_path)
    where = run(str(installed.with_name("python")), "-c", "import ops; print(ops.__file__)", cwd=tmp_path)
    assert where.startswith(str(installed.parents[1]))
