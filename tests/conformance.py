"""The contract suite against a directory of yours, in a unit of its own that is gone afterwards.

    script/conformance --dc dc1.school.example --ca-file ca.pem --account tester@school.example \\
        --ou OU=JourneymanTest,DC=school,DC=example

The account needs full control of that one unit and nothing else.
"""

from __future__ import annotations

import argparse
import getpass
import io
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from ops.adapters.ldap import LdapDirectory, connect
from ops.adapters.ldap_connection import Address, connection, opened, server
from ops.cli.table import table
from ops.cli.terminal import plain
from ops.errors import NotAuthorised, OpsError
from ops.secret import Secret

HERE = Path(__file__).parent
GROUPS = ("conformance-1", "conformance-2")
FACTS = ("dnsHostName", "domainControllerFunctionality", "vendorName", "vendorVersion", "currentTime")


class Given:
    """What pytest is told: the directory to test, and where its answers go."""

    def __init__(self, directory: LdapDirectory) -> None:
        self._directory = directory
        self.rows: list[tuple[str, str, str]] = []

    @pytest.fixture
    def given(self) -> LdapDirectory:
        """The directory under test."""
        return self._directory

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One row a test: its sentence, and why it failed."""
        if report.when == "call" or report.outcome != "passed":
            why = report.longreprtext.strip().splitlines()[-1] if report.failed else ""
            name, _, case = report.nodeid.rpartition("::")[2].removeprefix("test_").partition("[")
            case = re.sub(r"-?given-?|]$", "", case)
            self.rows.append((report.outcome, name.replace("_", " ") + (f" ({case})" if case else ""), why))


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser("script/conformance", description="Test how a directory behaves.")
    parser.add_argument("--dc", required=True, help="full name of the domain controller")
    parser.add_argument("--ou", required=True, help="an empty unit to work in, as a DN")
    parser.add_argument("--ca-file", required=True, type=Path, help="certificate authority of the controller, PEM")
    parser.add_argument("--account", required=True, help="account with full control of the unit, user@domain")
    parser.add_argument("--password-file", type=Path, help="file with its password; asked for if not given")
    parser.add_argument("--port", type=int, default=636)
    return parser.parse_args()


@contextmanager
def unit(raw: Any, ou: str) -> Iterator[str]:
    """A unit with everything the suite needs, made for this run and deleted after it."""
    root = f"OU=Conformance-{secrets.token_hex(4)},{ou}"
    for name in ("", "OU=Staff,", "OU=Leavers,"):
        made(raw, f"{name}{root}", "organizationalUnit")
    for group in GROUPS:
        made(raw, f"CN={group},{root}", "group", {"sAMAccountName": group})
    try:
        yield root
    finally:
        found = raw.extend.standard.paged_search(root, "(objectClass=*)", attributes=["1.1"], generator=False)
        names = [row["dn"] for row in found if row["type"] == "searchResEntry"]
        for name in sorted(names, key=len, reverse=True):
            raw.delete(name)


def made(raw: Any, dn: str, kind: str, attributes: dict[str, str] | None = None) -> None:
    """Add one entry, or say why not."""
    if not raw.add(dn, kind, attributes):
        raise NotAuthorised(f"{dn} cannot be made: {raw.result['description']}", hint="give full control of the unit")


def facts(raw: Any) -> Iterator[str]:
    """What the server says of itself."""
    raw.search("", "(objectClass=*)", "BASE", attributes=["*", "+"])
    said = raw.response[0]["attributes"]
    yield from (f"{name}: {plain(' '.join(map(str, said[name])))}" for name in FACTS if said.get(name))


def tested(directory: LdapDirectory) -> tuple[int, Given]:
    """Run the suite; pytest itself says nothing."""
    given = Given(directory)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        code = pytest.main([str(HERE / "contract/test_directory.py"), "-q", "-p", "no:cacheprovider"], plugins=[given])
    return int(code), given


def run(asked: argparse.Namespace) -> int:
    """Test, print the table, and leave nothing behind."""
    secret = Secret(asked.password_file.read_text().strip() if asked.password_file else getpass.getpass())
    base = asked.ou[asked.ou.upper().index("DC=") :]
    address = Address(asked.dc, asked.ca_file, asked.account, asked.port)
    raw = opened(connection(server(address), address, secret), address)
    with unit(raw, asked.ou) as root:
        places = {"staff": f"OU=Staff,{root}", "leavers": f"OU=Leavers,{root}"}
        with connect(address, base, places, secret) as directory:
            code, given = tested(directory)
        print("\n".join(facts(raw)))
    print(table(("result", "rule", "why"), given.rows))
    failed = sum(outcome == "failed" for outcome, _, _ in given.rows)
    print(f"{len(given.rows)} rules, {failed} failed; Python {sys.version.split()[0]}")
    return code


def main() -> int:
    """Command line."""
    os.environ["CONFORMANCE"] = "yes"
    try:
        return run(arguments())
    except (OpsError, OSError) as error:
        print(f"{plain(str(error))}\n  next: {plain(getattr(error, 'hint', ''))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
