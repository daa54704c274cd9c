"""``script/setup`` on a machine that has all it needs, and on one where somebody else installs something."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = "E: Could not get lock /var/lib/apt/lists/lock.\nE: Unable to lock directory /var/lib/apt/lists/\n"
APT = r""". <(sed -n "/^apt()/,/^}/p" "$0"); apt update"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Where programs of a machine come first."""
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def program(programs: Path, name: str, text: str) -> None:
    """One that also writes down what it is told."""
    (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{programs}/told"\n{text}\n')
    (programs / name).chmod(0o755)


def told(programs: Path, name: str) -> list[str]:
    file = programs / "told"
    return [line for line in file.read_text().splitlines() if line.startswith(f"{name} ")] if file.exists() else []


def run(programs: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(programs)}
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_list_of_packages_may_have_blank_lines_and_words_about_them(programs: Path) -> None:
    """What is there is not asked for, and nothing that is not the name of a package."""
    tree = programs.parent
    (tree / "script").mkdir()
    (tree / "script/setup").write_text((ROOT / "script/setup").read_text())
    (tree / "script/packages.txt").write_text("# what it needs\n\n  \n\t# and more\nat\n\nacl\n")
    (tree / "requirements.lock").write_text("")
    (tree / ".venv/bin").mkdir(parents=True)
    (tree / ".venv/.made-from-requirements.lock").write_text("")
    (tree / ".venv/bin/python").symlink_to("/bin/true")
    program(programs, "dpkg-query", 'case "$4" in at|acl) echo installed ;; *) exit 1 ;; esac')
    program(programs, "apt-get", "exit 1")
    program(programs, "python3", "exit 0")
    said = run(programs, "bash", str(tree / "script/setup"), "--yes")
    assert (said.returncode, said.stderr) == (0, "")
    assert [line.split()[-1] for line in told(programs, "dpkg-query")] == ["at", "acl"]
    assert told(programs, "apt-get") == []


@pytest.mark.parametrize(("tries", "code"), [(2, 0), (99, 1)])
def test_who_else_installs_something_is_waited_for_two_minutes(programs: Path, tries: int, code: int) -> None:
    """apt waits for dpkg, as it is told to; where it reads its lists it gives up at once."""
    (programs / "said").write_text(LOCKED)
    count = f'[ "$(grep -c "^apt-get" "{programs}/told")" -gt {tries} ] || {{ cat "{programs}/said" >&2; exit 100; }}'
    program(programs, "apt-get", count)
    program(programs, "sleep", "")
    said = run(programs, "bash", "-c", APT, str(ROOT / "script/setup"))
    assert (said.returncode, said.stderr) == (code, LOCKED * code)
    assert len(told(programs, "apt-get")) == min(tries + 1, 24)
    assert sum(int(line.split()[1]) for line in told(programs, "sleep")) <= 120
    assert all("DPkg::Lock::Timeout=120" in line for line in told(programs, "apt-get"))


def test_what_else_is_wrong_is_told_at_once(programs: Path) -> None:
    program(programs, "apt-get", "echo 'E: no such package' >&2; exit 100")
    said = run(programs, "bash", "-c", APT, str(ROOT / "script/setup"))
    assert (said.returncode, said.stderr) == (1, "E: no such package\n")
    assert len(told(programs, "apt-get")) == 1
