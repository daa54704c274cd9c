"""script/conformance against the practice domain, as an account that has full control of one unit and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from inventory.lab import Running
from ops.adapters.ldap import LdapDirectory

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]


def conformance(network: Running, account: str, ou: str = "OU=JourneymanTest") -> subprocess.CompletedProcess[str]:
    words = ["--dc", network.controller, "--ou", f"{ou},{network.base}", "--ca-file", str(network.ca_file)]
    words += ["--account", f"{account}@{network.domain}", "--password-file", str(network.password_file(account))]
    argv = [sys.executable, "-m", "tests.conformance", *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_every_rule_holds_and_nothing_is_left(network: Running, samba: LdapDirectory) -> None:
    done = conformance(network, "tester1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed" in done.stdout
    assert done.stdout.count("passed") >= 20
    left = samba.search("(|(objectClass=user)(objectClass=group))", f"OU=JourneymanTest,{network.base}")
    assert left == ()


def test_an_account_without_the_right_is_told_so(network: Running) -> None:
    done = conformance(network, "helpdesk1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "  next: give full control of the unit"
