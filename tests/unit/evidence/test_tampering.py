"""What ``ops evidence`` says when somebody wrote to the ledger behind its back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from evidence.event import Event, now
from evidence.identity import Identity
from evidence.ledger import Ledger
from evidence.record import Context, seal
from inventory.create import Plan, create
from inventory.load import load
from tests.workspace import Desk

LEDGER = "ledger.db"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A workspace with two sealed runs; nothing of it was ever connected to anything."""
    folder = tmp_path / "work"
    (tmp_path / "ca.pem").write_text("not used")
    ca_file, places = tmp_path / "ca.pem", {"staff": "OU=Staff,DC=lab"}
    create(folder, Plan("LAB", "lab.example", "dc1", "me@lab.example", "DC=lab", ca_file, "prompt", places=places))
    identity = Identity.create(load(folder).state, "me")
    ledger = Ledger(load(folder).state / LEDGER, identity.chain)
    context = Context(identity.person, identity.fingerprint, "me", False, "", False, "LAB", "lab", (), True, "1")
    for run in ("R1", "R2"):
        ledger.append(Event(run, "refused", now(), {"error": "refused", "title": run}, {"why": "no"}))
        seal(ledger, run, identity.signer(), context)
    ledger.close()
    return Desk(folder)


def by_hand(desk: Desk, *statements: str) -> None:
    """Write to the database with its guards taken off."""
    db = sqlite3.connect(load(desk.folder).state / LEDGER)
    for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        db.execute(f"drop trigger {name}")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_an_untouched_ledger_holds(desk: Desk) -> None:
    done = desk.ops("evidence", "verify")
    assert (done.code, done.err) == (0, "")
    assert "4 events and 2 records hold" in done.out


HANDS = {
    "update documents set text = replace(text, 'refused', 'verified') where run = 'R1'": [
        "record R1: the text is not what was signed"
    ],
    "delete from documents where run = 'R1'": ["record R1: it was sealed, and is not there"],
    "delete from events where seq > 1": [
        "record R2: nothing says it was sealed",
        "record R2: its events are not in the chain",
    ],
    "delete from events where seq = 3": ["record R2: nothing says it was sealed"],
    "update documents set signature = 'x' where run = 'R2'": ["record R2: not an SSH signature"],
}


@pytest.mark.parametrize("sql", HANDS)
def test_each_hand_laid_on_records_or_events_is_named_and_nothing_else_is_accused(desk: Desk, sql: str) -> None:
    by_hand(desk, sql)
    done = desk.ops("evidence", "verify")
    assert done.code == 9
    assert [line for line in done.err.splitlines() if line.startswith(("record", "chain"))] == HANDS[sql]


def test_an_altered_record_is_not_shown_as_if_it_were_good(desk: Desk) -> None:
    by_hand(desk, "update documents set text = '[]' where run = 'R1'")
    done = desk.ops("evidence", "show", "R1")
    assert (done.code, done.out) == (9, "")
    assert "record R1: the text is not what was signed" in done.err
    assert desk.ops("evidence", "show", "R2").code == 0
