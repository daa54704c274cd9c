"""The ledger only grows, all of a commit or nothing, and any hand laid on it shows."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.event import Event, now
from evidence.ledger import GENESIS, Document, Head, Ledger
from ops.errors import EvidenceInvalid, EvidenceUnavailable

CHAIN = "p-1/d-1"
WRITER = """
import pathlib, sys
from evidence.event import Event, now
from evidence.ledger import Ledger
ledger = Ledger(pathlib.Path(sys.argv[1]), sys.argv[2])
sys.stdin.readline()
for number in range(25):
    ledger.append(Event(sys.argv[3], "outcome", now(), {"item": number}, {"t1": number}))
"""
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db", CHAIN)


def event(run: str = "r1", kind: str = "outcome", body: Any = None, **private: Any) -> Event:
    return Event(run, kind, now(), body or {}, private)


def test_a_new_ledger_is_empty_and_its_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ledger = Ledger(tmp_path / "state" / "ledger.db", CHAIN)
        ledger.append(event(t1="x"))
    finally:
        os.umask(before)
    files = list((tmp_path / "state").iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert "ledger.db-wal" in {file.name for file in files}
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_a_ledger_that_was_opened_to_others_is_closed_to_them_again(ledger: Ledger) -> None:
    ledger.append(event(t1="x"))
    folder = ledger._store.path.parent
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
    Ledger(ledger._store.path, CHAIN)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_a_chain_has_no_gaps_and_each_event_names_the_one_before(ledger: Ledger) -> None:
    assert ledger.head() == Head(0, GENESIS)
    ledger.append(event(), event(), event())
    ledger.append(event())
    rows = list(ledger.rows(CHAIN))
    assert [seq for seq, *_ in rows] == [0, 1, 2, 3]
    assert [f'"prev":"{hashed}"' in after[3] for (_, hashed, *_), after in zip(rows, rows[1:], strict=False)] == [
        True
    ] * 3
    assert ledger.head() == Head(4, rows[-1][1])
    assert ledger.verify() == []


def test_chains_of_two_devices_do_not_touch_each_other(tmp_path: Path) -> None:
    one, two = (Ledger(tmp_path / "ledger.db", chain) for chain in ("p-1/d-1", "p-1/d-2"))
    one.append(event("a"))
    two.append(event("b"), event("b"))
    one.append(event("a"))
    assert (one.head().size, two.head().size) == (2, 2)
    assert one.chains() == ["p-1/d-1", "p-1/d-2"]
    assert one.verify() == []


@settings(max_examples=60, deadline=None)
@given(body=st.dictionaries(TEXT, JSON, max_size=4), private=st.dictionaries(TEXT, JSON, max_size=4))
def test_what_is_read_back_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, body: dict[str, Any], private: dict[str, Any]
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("round") / "ledger.db", CHAIN)
    written = Event("r1", "planned", now(), body, private)
    ledger.append(written)
    assert ledger.run("r1") == [written]
    assert ledger.verify() == []
    ledger.close()


@pytest.mark.parametrize("value", [float("nan"), 2**53, {1: 2}, {"a", "b"}, b"bytes", object()])
def test_what_json_cannot_say_is_refused_and_nothing_is_stored(ledger: Ledger, value: Any) -> None:
    ledger.append(event())
    with pytest.raises((ValueError, TypeError)):
        ledger.append(event("r2"), event("r2", body={"value": value}))
    with pytest.raises((ValueError, TypeError)):
        ledger.append(event("r2", t1=value))
    assert [one.run for one in ledger.runs()] == ["r1"]
    ledger.append(event("r3"))
    assert ledger.verify() == []


def test_events_and_documents_are_stored_together_or_not_at_all(ledger: Ledger) -> None:
    document = Document("record", "r1", "{}", "signature")
    ledger.append(event(), documents=[document])
    with pytest.raises(EvidenceUnavailable):
        ledger.append(event("r2", t1="x"), documents=[document])
    again = Ledger(ledger._store.path, CHAIN)
    assert (again.head().size, again.disclosures("r2")) == (1, [])


@pytest.mark.parametrize("table", ["events", "documents"])
@pytest.mark.parametrize("sql", ["update {} set text = 'x'", "delete from {}"])
def test_the_database_itself_refuses_to_change_what_was_written(ledger: Ledger, table: str, sql: str) -> None:
    ledger.append(event(), documents=[Document("record", "r1", "{}", "signature")])
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger._store.db.execute(sql.format(table))


def tampered(ledger: Ledger, sql: str) -> list[tuple[int, str]]:
    """What verifying finds after somebody wrote to the file with the guards taken off."""
    ledger.close()
    with sqlite3.connect(ledger._store.path) as db:
        db.execute("drop trigger events_no_update")
        db.execute("drop trigger events_no_delete")
        db.execute(sql)
    db.close()
    again = Ledger(ledger._store.path, CHAIN)
    return [(fault.seq, fault.problem) for fault in again.verify()]


HANDS = {
    "update events set text = replace(text, '\"n\":1', '\"n\":7') where seq = 1": (1, "text does not match"),
    "update events set hash = 'ab' where seq = 1": (1, "text does not match"),
    "update events set run = 'r9' where seq = 1": (1, "row says something else"),
    "update events set seq = 9 where seq = 2": (2, "missing or out of place"),
    "delete from events where seq = 1": (1, "missing or out of place"),
    "delete from events where seq = 0": (0, "missing or out of place"),
    "update events set chain = 'p-1/d-9'": (0, "does not follow"),
    "update events set seq = seq + 10": (0, "missing or out of place"),
}


@pytest.mark.parametrize("sql", HANDS)
def test_any_hand_laid_on_the_file_is_found_at_its_place(ledger: Ledger, sql: str) -> None:
    ledger.append(*(event(body={"n": number}) for number in range(3)))
    ((seq, problem),) = tampered(ledger, sql)
    assert (seq, HANDS[sql][1] in problem) == (HANDS[sql][0], True)


def test_an_event_put_in_place_of_another_with_its_own_right_hash_does_not_follow(tmp_path: Path) -> None:
    ledger, other = (Ledger(tmp_path / name / "ledger.db", CHAIN) for name in ("one", "two"))
    for number, book in enumerate((ledger, other)):
        book.append(event(body={"n": number}), event(body={"n": number}))
    _, hashed, _, text = list(other.rows(CHAIN))[1]
    assert tampered(ledger, f"update events set text = '{text}', hash = '{hashed}' where seq = 1") == [
        (1, "does not follow the event before it")
    ]


def test_reading_a_run_that_was_altered_says_so(ledger: Ledger) -> None:
    ledger.append(event(body={"n": 1}))
    tampered(ledger, "update events set text = replace(text, '\"n\":1', '\"n\":7')")
    with pytest.raises(EvidenceInvalid, match="was altered") as caught:
        Ledger(ledger._store.path, CHAIN).run("r1")
    assert (caught.value.chain, caught.value.seq) == (CHAIN, 0)


def test_a_private_value_that_was_exchanged_is_not_shown(ledger: Ledger) -> None:
    ledger.append(event(t1="Ada"))
    ledger._store.db.execute("update disclosures set text = replace(text, 'Ada', 'Eve')")
    assert ledger.run("r1")[0].private == {}


def test_equal_private_values_never_look_equal(ledger: Ledger) -> None:
    ledger.append(event(t1="Ada", t2="Ada"), event(t1="Ada"))
    commits = {commit for (commit,) in ledger._store.db.execute('select "commit" from disclosures')}
    assert len(commits) == 3


@pytest.mark.parametrize("spread", [False, True], ids=["one chain", "a chain each"])
def test_four_processes_writing_at_once_lose_nothing(tmp_path: Path, spread: bool) -> None:
    path = tmp_path / "ledger.db"
    chains = [f"p-1/d-{number if spread else 0}" for number in range(4)]
    commands = [[sys.executable, "-c", WRITER, str(path), chain, f"r{n}"] for n, chain in enumerate(chains)]
    writers = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True) for command in commands]
    for writer in writers:
        writer.communicate("go\n", timeout=120)
    ledger = Ledger(path, chains[0])
    assert [writer.returncode for writer in writers] == [0] * 4
    assert sum(ledger.head(chain).size for chain in set(chains)) == 100
    assert ledger.verify() == []
    for number in range(4):
        assert [(one.body["item"], one.private["t1"]) for one in ledger.run(f"r{number}")] == [
            (n, n) for n in range(25)
        ]


OPENER = """
import pathlib, sys
from evidence.ledger import Ledger
sys.stdin.readline()
Ledger(pathlib.Path(sys.argv[1]), "p-1/d-1").close()
"""


def test_several_that_open_a_new_ledger_at_once_all_have_it(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / str(number) / "ledger.db"
        argv = [sys.executable, "-c", OPENER, str(path)]
        openers = [subprocess.Popen(argv, stdin=subprocess.PIPE, text=True) for _ in range(6)]
        time.sleep(0.5)
        for one in openers:
            print("go", file=one.stdin, flush=True)
        assert [one.wait(60) for one in openers] == [0] * 6
        for one in openers:
            one.stdin.close()


def test_reading_only_makes_nothing_and_writes_nothing(tmp_path: Path, ledger: Ledger) -> None:
    with pytest.raises(EvidenceUnavailable, match="there is no ledger"):
        Ledger(tmp_path / "none" / "ledger.db", CHAIN, read_only=True)
    assert not (tmp_path / "none").exists()
    ledger.append(event())
    reader = Ledger(ledger._store.path, CHAIN, read_only=True)
    assert len(reader.run("r1")) == 1
    with pytest.raises(EvidenceUnavailable):
        reader.append(event())


def test_after_a_failure_the_ledger_is_closed_and_tries_nothing_again(ledger: Ledger) -> None:
    document = Document("record", "r1", "{}", "signature")
    ledger.append(event(), documents=[document])
    with pytest.raises(EvidenceUnavailable):
        ledger.append(event(), documents=[document])
    with pytest.raises(EvidenceUnavailable, match="closed after a failure"):
        ledger.append(event())


def test_a_file_that_is_no_ledger_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(EvidenceUnavailable, match="is damaged"):
        Ledger(tmp_path / "ledger.db", CHAIN)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "nfs.future"])
def test_a_network_file_system_is_refused_by_name(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    there = {"/": "ext4", str(tmp_path / "far"): kind}
    mounts = [SimpleNamespace(mountpoint=place, fstype=name) for place, name in there.items()]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    with pytest.raises(EvidenceUnavailable, match=f"network file system .{kind}"):
        Ledger(tmp_path / "far" / "work" / "ledger.db", CHAIN)
    assert not (tmp_path / "far").exists()
    Ledger(tmp_path / "near" / "ledger.db", CHAIN)


def test_runs_and_documents_come_in_order(ledger: Ledger) -> None:
    for run in ("r1", "r2", "r3"):
        ledger.append(event(run), documents=[Document("record", run, f'{{"run":"{run}"}}', "s")])
    ledger.append(event("r1"), documents=[Document("record", "r1", '{"run":"r1 again"}', "s")])
    assert [one.run for one in ledger.runs()] == ["r3", "r2", "r1"]
    assert [one.body["run"] for one in ledger.documents("record")] == ["r1", "r2", "r3", "r1 again"]
    newest = ledger.document("r1", "record")
    assert newest is not None
    assert newest.body == {"run": "r1 again"}
    assert ledger.document("r1", "review") is None
    assert ledger.texts("r9") == []
