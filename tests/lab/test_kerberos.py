"""Signing in with a Kerberos ticket instead of a password, by the system's Python, which has Debian's gssapi."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.workspace import Desk, Result, desk

pytestmark = pytest.mark.lab
SYSTEM = "/usr/bin/python3"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def python() -> str:
    """The system's Python if it can run what this environment has; compiled libraries must be of its version."""
    asked = "import sys; print(sys.version_info[:2])"
    theirs = subprocess.run([SYSTEM, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()
    if theirs != str(sys.version_info[:2]):
        pytest.skip(f"the system's Python is {theirs}, this one is {sys.version_info[:2]}")
    return SYSTEM


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    return desk(tmp_path / "mine", network, credential="kerberos")


def ops(at: Desk, python: str, *words: str, ticket: str = "FILE:/nowhere") -> Result:
    libraries = ":".join([str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))])
    krb5 = os.environ.get("KRB5_CONFIG", "/etc/krb5.conf")
    kept = {"PATH": "/usr/bin:/bin", "HOME": str(at.folder), "PYTHONPATH": libraries, "KRB5CCNAME": ticket}
    argv = [python, "-W", "ignore", "-m", "ops.cli.main", *words]
    done = subprocess.run(
        argv, cwd=at.folder, env=kept | {"KRB5_CONFIG": krb5}, capture_output=True, text=True, timeout=60, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr)


def sign_in(network: Running, cache: str, account: str = "apprentice1") -> None:
    """kinit, its password from standard input."""
    password = network.password_file(account).read_text()
    argv = ["kinit", "-c", cache, f"{account}@{network.domain.upper()}"]
    subprocess.run(argv, input=password, text=True, capture_output=True, check=True, timeout=20)


def test_a_ticket_signs_in_and_the_record_says_who_the_directory_saw(
    mine: Desk, network: Running, python: str, tmp_path: Path
) -> None:
    cache = f"FILE:{tmp_path}/ticket"
    sign_in(network, cache)
    words = ("user", "onboard", "--given", "Kay", "--family", "Berberos", "--employee", "KB1", "--yes")
    done = ops(mine, python, *words, ticket=cache)
    assert done.code == 0, done.err
    body = mine.ops("evidence", "show", mine.last_run(), "--json").json
    assert body["performer"]["session"]["actor"] == "confirmed by the directory"
    assert body["strength"]["machine"] == "M3"


def test_without_a_ticket_the_next_step_is_to_get_one(mine: Desk, python: str) -> None:
    said = ops(mine, python, "account", "show", "zmueller")
    assert said.code == 4, said.err
    assert "kinit" in said.err
    assert "Traceback" not in said.err


def test_somebody_elses_ticket_is_not_confirmed_as_the_inventorys_account(
    mine: Desk, network: Running, python: str, tmp_path: Path
) -> None:
    cache = f"FILE:{tmp_path}/other"
    sign_in(network, cache, "apprentice2")
    done = ops(mine, python, "doctor", ticket=cache)
    assert "not confirmed by the directory" in done.out
