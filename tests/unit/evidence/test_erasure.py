"""What is erased is gone from the bytes on the disk, and everything that was signed still holds."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

import pytest

from evidence.event import Event, now
from evidence.ledger import Document, Ledger
from evidence.sshsig import Ed25519Key
from evidence.sshverify import verify
from ops.errors import EvidenceUnavailable

SPACE = "evidence-record-v1"
CHAIN = "p-1/d-1"
NAME = "Zuzanna Wiśniewska"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "state" / "ledger.db", CHAIN)


def event(run: str, **private: object) -> Event:
    return Event(run, "planned", now(), {"title": "Onboard"}, private)


def on_disk(ledger: Ledger) -> bytes:
    """Every byte of the database, its log and its index to the log."""
    folder = ledger._store.path.parent
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


def test_an_erased_name_is_in_no_byte_of_the_database_or_its_log(ledger: Ledger) -> None:
    ledger.append(event("r1", t1={"name": NAME}, reason="INC-77"), event("r2", t1={"name": "Bob Brown"}))
    assert NAME.encode() in on_disk(ledger)
    assert ledger.erase("r1") == 2
    assert NAME.encode() not in on_disk(ledger)
    assert b"INC-77" not in on_disk(ledger)
    assert b"Bob Brown" in on_disk(ledger)
    assert [one.private for one in ledger.run("r1")] == [{}]
    assert [one.private for one in ledger.run("r2")] == [{"t1": {"name": "Bob Brown"}}]


def fill(ledger: Ledger, chance: random.Random) -> list[int]:
    """Runs with names of many lengths, mixed, so that the database has to split and join its pages."""
    runs = chance.randint(2, 25)
    for _ in range(runs * chance.randint(1, 6)):
        number = chance.randrange(runs)
        name = f"NAME{number:03d}x"
        some = range(chance.randint(1, 5))
        ledger.append(*(event(f"r{number}", a=name + "pad" * chance.choice([1, 30, 400, 2000]), b=name) for _ in some))
    return list(range(runs))


@pytest.mark.parametrize("seed", range(40))
def test_no_old_copy_stays_behind_where_the_database_moved_things_about(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    ledger = Ledger(tmp_path / "ledger.db", CHAIN)
    runs = fill(ledger, chance)
    chance.shuffle(runs)
    for number in runs:
        ledger.erase(f"r{number}")
        assert f"NAME{number:03d}x".encode() not in on_disk(ledger)


def test_the_chain_its_signed_texts_and_their_order_survive_erasing(ledger: Ledger) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519Key(Ed25519PrivateKey.generate())
    for number in range(5):
        text = json.dumps({"about": number})
        document = Document(SPACE, "r1", text, key.sign(SPACE, text.encode()))
        ledger.append(event("r1", t1=NAME), documents=[document])
    head, rows = ledger.head(), list(ledger.rows(CHAIN))
    ledger.erase("r1")
    assert (ledger.head(), list(ledger.rows(CHAIN))) == (head, rows)
    assert ledger.verify() == []
    kept = ledger.documents(SPACE)
    assert [one.body["about"] for one in kept] == [0, 1, 2, 3, 4]
    assert {verify(one.signature, SPACE, one.text.encode()) for one in kept} == {key.public}
    newest = ledger.document("r1", SPACE)
    assert newest is not None
    assert newest.body["about"] == 4


def test_erasing_twice_or_what_is_not_there_changes_nothing(ledger: Ledger) -> None:
    ledger.append(event("r1", t1=NAME))
    assert [ledger.erase(run) for run in ("r1", "r1", "r9")] == [1, 0, 0]
    assert ledger.verify() == []


def test_while_somebody_reads_erasing_says_that_the_disk_still_holds_the_names(ledger: Ledger) -> None:
    ledger.append(event("r1", t1=NAME))
    reader = sqlite3.connect(ledger._store.path, isolation_level=None)
    reader.execute("begin")
    reader.execute("select * from events").fetchall()
    ledger._store.db.execute("pragma busy_timeout = 50")
    with pytest.raises(EvidenceUnavailable, match="another command is reading"):
        ledger.erase("r1")
    reader.close()
    assert ledger.erase("r1") == 0
    assert NAME.encode() not in on_disk(ledger)


def test_names_can_be_erased_after_the_kept_room_had_to_be_given_up(ledger: Ledger) -> None:
    ledger._store.free_ballast()
    ledger.append(event("r1", t1=NAME))
    assert ledger._store.db.execute("pragma secure_delete").fetchone() == (1,)
    assert ledger._store.db.execute("pragma synchronous").fetchone() == (2,)
    ledger.erase("r1")
    assert NAME.encode() not in on_disk(ledger)


def test_a_ledger_may_be_appended_to_after_erasing(ledger: Ledger) -> None:
    ledger.append(event("r1", t1=NAME))
    ledger.erase("r1")
    ledger.append(event("r2", t1="Bob Brown"))
    ledger.close()
    again = Ledger(ledger._store.path, CHAIN)
    assert again.verify() == []
    assert again.head().size == 2
