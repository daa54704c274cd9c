"""Databases that came back, opened on their own: real SQLite files, and dumps of a real PostgreSQL."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.backup.databases import Answer, judged
from inventory.backup.model import Database
from ops.adapters.backup import Unusable
from ops.adapters.backup_trial import postgresql, sqlite
from ops.errors import InvalidRequest, Unreachable
from tests.postgres import Server, postgres

__all__ = ["postgres"]
DUMP = max(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), default=Path("pg_dump"))


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    with sqlite3.connect(path) as database:
        database.execute("create table book (title text)")
        database.execute('create table "odd "" name" (x)')
        database.executemany("insert into book values (?)", [(f"{number} " * 400,) for number in range(300)])
    database.close()
    return path


def test_a_database_is_opened_checked_and_asked(library: Path) -> None:
    assert sqlite(library, "") == Answer(2, 300)
    assert sqlite(library, "select count(*) from book") == Answer(2, 300, 300)


@pytest.mark.parametrize("at", [0.3, 0.6, 0.9])
def test_octets_that_were_overwritten_are_found(library: Path, at: float) -> None:
    size = library.stat().st_size
    with library.open("r+b") as file:
        file.seek(int(size * at) // 4096 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(Unusable, match="damaged"):
        sqlite(library, "")


def test_one_that_was_cut_short_is_found(library: Path) -> None:
    os.truncate(library, library.stat().st_size // 2 // 4096 * 4096)
    with pytest.raises(Unusable, match="damaged"):
        sqlite(library, "")


def test_what_waits_in_the_journal_beside_it_is_there(tmp_path: Path) -> None:
    """A copy made while it is written to: without its journal, rows that were committed are missing."""
    path = tmp_path / "live.db"
    live = sqlite3.connect(path)
    live.execute("pragma journal_mode = wal")
    live.execute("create table t (x)")
    live.executemany("insert into t values (?)", [(number,) for number in range(50)])
    live.commit()
    (copies := tmp_path / "copies").mkdir()
    for name in ("live.db", "live.db-wal"):
        (copies / name).write_bytes((tmp_path / name).read_bytes())
    live.close()
    assert sqlite(copies / "live.db", "select count(*) from t") == Answer(1, 50, 50)


@pytest.mark.parametrize(
    ("query", "error", "said"),
    [
        ("select nope from book", Unusable, "no such column"),
        ("select nope from nowhere", Unusable, "no such table"),
        ("select cast(x'ff' as text)", Unusable, "decode"),
        ("selct 1", InvalidRequest, "its query cannot be asked: .*syntax error"),
        ("delete from book", InvalidRequest, "not authorized"),
        ("pragma journal_mode = off", InvalidRequest, "not authorized"),
        ("select 1; select 2", InvalidRequest, "one statement"),
        ("select '5_0_0'", InvalidRequest, "one whole number"),
        ("select '\u0665'", InvalidRequest, "one whole number"),
        ("select 'many'", InvalidRequest, "one whole number"),
        ("select max(title) from book where title = 'x'", Unusable, "its query answers nothing"),
        ("select title from book where title = 'x'", Unusable, "its query answers nothing"),
    ],
)
def test_a_query_that_is_none_is_told(library: Path, query: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        sqlite(library, query)


@pytest.mark.parametrize("query", ["attach '@' as z", "vacuum into '@'", "create table z (x)"])
def test_a_query_writes_nowhere(library: Path, query: str) -> None:
    before = library.read_bytes()
    with pytest.raises(InvalidRequest, match="its query cannot be asked: (not authorized|authorization denied)"):
        sqlite(library, query.replace("@", str(library.with_name("other.db"))))
    assert (list(library.parent.iterdir()), library.read_bytes()) == ([library], before)


@pytest.mark.parametrize("module", ["fts5", "fts4"])
def test_a_query_may_search_count_and_go_on_by_itself(library: Path, module: str) -> None:
    with sqlite3.connect(library) as database:
        database.execute(f"create virtual table word using {module}(text)")
        database.execute("insert into word select title from book")
    database.close()
    query = "with recursive n(x) as (select 1 union all select x + 1 from n where x < 9) "
    query += "select (select count(*) from word where word match '7') + max(x) from n"
    assert sqlite(library, query).value == 10


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"")
    with pytest.raises(Unusable, match="no SQLite"):
        sqlite(tmp_path / "a.db", "")


def test_too_few_rows_are_a_failure() -> None:
    database = Database("/srv/a.db", "sqlite", "select count(*) from t", 10)
    assert judged(database, Answer(1, 500, 10)).verdict == "PASS"
    assert judged(database, Answer(1, 500, 9)).verdict == "FAIL"
    assert judged(Database("/srv/a.db", "sqlite"), Answer(3, 0)).verdict == "FAIL", "empty tables prove nothing"


@pytest.fixture
def source(postgres: Server) -> Iterator[tuple[Server, str]]:
    with postgres.database("template0") as name:
        postgres.ask("create table book (title text)", name)
        postgres.ask("create schema other", name)
        postgres.ask('create table other."odd name" (x int)', name)
        postgres.ask("insert into book select repeat(n::text, 100) from generate_series(1, 300) n", name)
        yield postgres, name


def dumped(source: tuple[Server, str], path: Path, *words: str) -> Path:
    server, name = source
    argv = [DUMP, "-h", server.folder, "-p", str(server.port), "-U", "register", *words, "-f", path, name]
    subprocess.run(argv, check=True, timeout=60)
    return path


def test_a_dump_is_restored_into_a_server_of_its_own_and_asked(source: tuple[Server, str], tmp_path: Path) -> None:
    dump = dumped(source, tmp_path / "a.dump", "--format=custom")
    (room := tmp_path / "room").mkdir()
    assert postgresql(dump, "select count(*) from book", room) == Answer(2, 300, 300)
    assert not started(room)
    (room := tmp_path / "again").mkdir()
    with pytest.raises(Unusable, match="nope"):
        postgresql(dump, "select count(*) from nope", room)
    (room := tmp_path / "third").mkdir()
    with pytest.raises(Unusable, match="its query answers nothing"):
        postgresql(dump, "select max(title) from book where title = 'x'", room)
    assert not started(room)


def test_a_dump_that_is_damaged_or_cut_short_is_found(source: tuple[Server, str], tmp_path: Path) -> None:
    dump = dumped(source, tmp_path / "a.dump", "--format=custom")
    os.truncate(dump, dump.stat().st_size - 200)
    (room := tmp_path / "room").mkdir()
    with pytest.raises(Unusable, match="cannot be restored"):
        postgresql(dump, "", room)
    assert not started(room)


def test_a_plain_dump_is_not_run(source: tuple[Server, str], tmp_path: Path) -> None:
    """Whatever stands in it would be done, programs of this machine too."""
    dump = dumped(source, tmp_path / "a.sql")
    (room := tmp_path / "room").mkdir()
    with pytest.raises(InvalidRequest, match="no dump that pg_restore reads"):
        postgresql(dump, "", room)


def test_an_empty_dump_is_of_no_use(tmp_path: Path) -> None:
    """What is left of a pg_dump that could not sign in."""
    (tmp_path / "a.dump").touch()
    with pytest.raises(Unusable, match="it is empty"):
        postgresql(tmp_path / "a.dump", "", tmp_path)


def test_what_a_dump_holds_runs_no_program(source: tuple[Server, str], tmp_path: Path) -> None:
    """A view may be asked for anything; the role that asks may not start a program."""
    dump = dumped(source, tmp_path / "a.dump", "--format=custom")
    (room := tmp_path / "room").mkdir()
    with pytest.raises(InvalidRequest, match="permission denied|must be superuser"):
        postgresql(dump, f"copy book to program 'touch {tmp_path}/ran'", room)
    assert not (tmp_path / "ran").exists()
    (room := tmp_path / "again").mkdir()
    with pytest.raises(InvalidRequest, match="syntax error"):
        postgresql(dump, f"\\! touch {tmp_path}/ran", room)
    assert not (tmp_path / "ran").exists()


def test_a_server_ends_with_whoever_is_killed(source: tuple[Server, str], tmp_path: Path) -> None:
    dump = dumped(source, tmp_path / "a.dump", "--format=custom")
    (room := tmp_path / "room").mkdir()
    text = f"from pathlib import Path; from ops.adapters.backup_trial import postgresql; postgresql(Path({str(dump)!r}), 'select pg_sleep(60)::text', Path({str(room)!r}))"  # noqa: E501  one word of a command
    with subprocess.Popen([sys.executable, "-c", text]) as one:
        until = time.monotonic() + 30
        while not (room / "data/postmaster.pid").exists() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1)
        assert started(room)
        one.send_signal(signal.SIGKILL)
    until = time.monotonic() + 10
    while started(room) and time.monotonic() < until:
        time.sleep(0.05)
    assert not started(room)


def started(room: Path) -> list[str]:
    """Programs that name the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if str(room / "data").encode() in words and b"-c\0from pathlib" not in words:
            found.append(words.decode(errors="replace"))
    return found


def test_no_server_here_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.adapters.backup_trial.APART", ("--no-such-option", "--"))
    (tmp_path / "a.dump").write_bytes(b"PGDMP")
    with pytest.raises(Unreachable):
        postgresql(tmp_path / "a.dump", "", tmp_path)
