"""By which names of which runs a finding can be waived."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.event import Event, now
from evidence.ledger import Ledger
from inventory.register.store import Author, Register
from ops.adapters.register_store import StoredRegister
from ops.cli.past import Past
from ops.errors import NotFound
from ops.operations.audit.waive import waive
from ops.params import parse_date

AUDIT = "backups.restore"


def told(past: Past, register: StoredRegister, rule: str, subject: str) -> int:
    """How many changes a waiver would be."""
    picture, until = register.projection(), parse_date("2999-01-01")
    return len([*waive.function(picture, past, AUDIT, rule, subject, "agreed", "Bob Ray", until)])


def test_every_run_counts_for_each_looks_at_one_job_alone(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db", "chain")
    register = StoredRegister(Register(tmp_path / "register.db", Author("bob", lambda: "R")))
    past = Past(ledger)
    assert told(past, register, "restore", "homes") == 1, "never run here"
    for run, job in (("R1", "homes"), ("R2", "data\x1b")):
        rows = [[f"{job} (FS-1)", "restore", "FAIL", "2 of 59 files are bad", job]]
        ledger.append(Event(run, "audited", now(), {"source": AUDIT}, {"findings": rows}))
    ledger.append(
        Event("R3", "audited", now(), {"source": "backups.check"}, {"findings": [["x", "rto", "FAIL", "", "x"]]})
    )
    assert [told(past, register, "restore", name) for name in ("homes", "homes (FS-1)", "*")] == [1] * 3
    assert told(past, register, "restore", "data\\u001b (FS-1)") == 1, "as the screen shows it"
    for rule, subject in (("restore", "home"), ("rto", "*"), ("rto", "x"), ("restore", "data")):
        with pytest.raises(NotFound):
            told(past, register, rule, subject)
    ledger.close()
