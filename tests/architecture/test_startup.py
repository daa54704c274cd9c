"""Help comes from click and the standard library alone, so that it comes at once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    *("ldap3", "pydantic", "yaml", "rich", "cryptography", "nornir", "keyring", "psutil", "sqlite3", "gssapi"),
    *("openpyxl", "paramiko", "netmiko", "anyascii", "rfc8785", "socket", "ssl", "asyncio", "subprocess"),
}
PROBE = """
import json, sys
from ops.cli.main import main
sys.argv[1:] = json.loads(sys.argv[1])
try:
    main()
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(*words: str) -> set[str]:
    """The modules in memory after a command."""
    argv = [sys.executable, "-c", PROBE, json.dumps(words)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("account", "--help"), ("lab", "--help")])
def test_help_imports_no_library_that_does_work(words: tuple[str, ...]) -> None:
    assert sorted(HEAVY & loaded(*words)) == []


def test_help_imports_no_operation_and_no_engine() -> None:
    found = loaded("--help")
    engine = ("ops.operations.", "ops.adapters.", "ops.plan", "ops.runner")
    assert [name for name in found if name.startswith(engine)] == []


def test_the_probe_sees_what_a_command_loads() -> None:
    assert "pydantic" in loaded("user", "onboard", "--help")
