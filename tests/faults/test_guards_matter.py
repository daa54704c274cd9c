"""Each guard is taken out of a copy of the project, and its test is seen to fail there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, tracked


@dataclass(frozen=True)
class Guard:
    """``text`` in ``file`` becomes ``without``; then the tests of ``proof`` must fail."""

    file: str
    text: str
    without: str
    proof: str


GUARDS = "ops/adapters/directory_guards.py"
TESTS = "tests/unit/test_guards.py"
ONBOARDING = "tests/unit/test_onboarding.py"
LEDGER = "tests/unit/evidence/test_ledger.py"
EXPORT = "tests/unit/evidence/test_export.py"
SERVER, REGISTER = "inventory/register/server.py", "tests/contract/test_register_server.py"
DEFAULTS = "tests/lab/test_library_defaults.py"
ALL = (
    Guard(GUARDS, "if self.subject == reader.domain.actor:", "if False:", TESTS),
    Guard(GUARDS, 'if entry.kind != "user":', "if False:", TESTS),
    Guard(GUARDS, 'entry.logon_name.lower().startswith("krbtgt")', "False", TESTS),
    Guard(GUARDS, ' or entry.get("servicePrincipalName"):', ":", TESTS),
    Guard(GUARDS, "if rid(sid) in (ADMINISTRATOR, KRBTGT):", "if False:", TESTS),
    Guard(GUARDS, 'if entry.first("adminCount") == "1":', "if False:", TESTS),
    Guard(GUARDS, ' or PROTECTED_RIDS.get(entry.number("primaryGroupID"), "")', "", TESTS),
    Guard(GUARDS, "if over := _powers(group, reader):", 'if over := "":', TESTS),
    Guard(GUARDS, "if entry.ref != self.subject and entry.dn", "if False and entry.dn", ONBOARDING),
    Guard("ops/runner.py", "premise.known_as(history.born).check(readers[item.target])", "pass", TESTS),
    Guard("ops/plan.py", "premise.check(projection)", "pass", TESTS),
    Guard("ops/plan.py", "if claimed != plan.hash:", "if False:", ONBOARDING),
    Guard(
        "ops/runner.py", "for number in sound:  # a secret", "for number in ():  # a secret", "tests/unit/test_crash.py"
    ),
    Guard("ops/change.py", 'raise TypeError(f"a plan cannot hold', 'return str(f"a plan cannot hold', ONBOARDING),
    Guard("ops/naming.py", 'if (category[0] == "C" and', 'if (category == "C" and', "tests/unit/test_naming.py"),
    Guard(
        "ops/adapters/directory_names.py",
        'c not in "*()\\\\ "',
        'c not in "()\\\\ "',
        "tests/unit/test_directory_names.py",
    ),
    Guard("evidence/store.py", '"synchronous=full"', '"synchronous=normal"', "tests/faults/test_power.py"),
    Guard("evidence/store.py", "if kind in NETWORK or", "if False and", LEDGER),
    Guard(
        "evidence/store.py", "create trigger if not exists events_no_delete", "create trigger if not exists x", LEDGER
    ),
    Guard("evidence/ledger.py", "if digest(text.encode()) != hashed:", "if False:", LEDGER),
    Guard("evidence/ledger.py", "if hashlib.sha256(text.encode()).hexdigest() != hashed:", "if False:", LEDGER),
    Guard("evidence/export.py", "if canonical(body) != text:", "if False:", EXPORT),
    Guard("evidence/export.py", "if strength(body).machine != body", "if False and body", EXPORT),
    Guard("evidence/export.py", "if key not in known:", "if False:", EXPORT),
    Guard("ops/adapters/ldap_connection.py", '"auto_referrals": False', '"auto_referrals": True', DEFAULTS),
    Guard("ops/adapters/ldap.py", "size = PAGE if paged else None", "size = None", DEFAULTS),
    Guard(SERVER, 'if not all(_here(one) for one in host.split(","))', "if False", REGISTER),
    Guard(SERVER, "if url.password is not None or", "if", REGISTER),
)


def name(guard: Guard) -> str:
    return f"{Path(guard.file).stem}: {guard.text[:40]}"


@pytest.mark.parametrize("guard", ALL, ids=name)
def test_the_guard_stands_where_this_table_says(guard: Guard) -> None:
    assert (ROOT / guard.file).read_text(encoding="utf-8").count(guard.text) == 1


@pytest.mark.night
@pytest.mark.parametrize("guard", ALL, ids=name)
def test_without_the_guard_its_test_fails(tmp_path: Path, guard: Guard) -> None:
    for path in tracked():
        to = tmp_path / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    file = tmp_path / guard.file
    file.write_text(file.read_text(encoding="utf-8").replace(guard.text, guard.without), encoding="utf-8")
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not night", "-p", "no:cacheprovider", guard.proof]
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LAB_MODE")}
    done = subprocess.run(argv, cwd=tmp_path, env=kept, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 1, done.stdout[-2000:]
    assert " failed" in done.stdout
