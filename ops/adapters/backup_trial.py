"""A database that was brought back, opened and queried on its own: SQLite in place, PostgreSQL in a server of its own.

The server has no network, is reached by a socket in the folder of the trial alone, and ends with us. What a dump holds
is made by a role that may neither read files nor run programs. PostgreSQL does not run as root: as root of this
machine it is started in a user namespace in which it is nobody (user_namespaces(7)).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import cast

from inventory.backup.databases import Answer
from ops.adapters.backup import NoRoom, Unusable
from ops.adapters.backup_limits import Limits
from ops.adapters.backup_tool import Tool
from ops.errors import InvalidRequest, NotFound, Unreachable

SECONDS = 1800.0
STEPS = 100_000  # of SQLite, between two looks at the clock
HEADER = b"SQLite format 3\0"
READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
ASKED_WITHIN = "data_version"  # by an index for full text, when it is searched
LACKS = ("no such table", "no such column")  # in the query or in what came back: nobody can say which is wrong
WRONG = ("syntax error", "permission denied", "must be superuser")  # of PostgreSQL; with these a query is to blame
NUMBER = re.compile("[+-]?[0-9]{1,100}")
PROGRAMS = Path("/usr/lib/postgresql")
APART = ("--user", "--map-user=65534", "--map-group=65534", "--net", "--")
QUIET = ("listen_addresses=", "unix_socket_directories=.", "fsync=off", "log_min_messages=log", "max_connections=10")
ROWS = """select count(*), coalesce(sum((xpath('/row/c/text()', query_to_xml(
    format('select count(*) as c from %I.%I', schemaname, tablename), false, true, '')))[1]::text::bigint), 0)
    from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"""


def sqlite(file: Path, query: str) -> Answer:
    """Open a copy of ours, with the journal that lies beside it, check all of it and ask; raise ``Unusable``."""
    with file.open("rb") as octets:
        if octets.read(len(HEADER)) != HEADER:
            raise Unusable("it is no SQLite database")
    try:
        with closing(sqlite3.connect(file, timeout=1)) as database:
            until = monotonic() + SECONDS
            database.set_progress_handler(lambda: monotonic() > until, STEPS)
            database.execute("pragma trusted_schema = off")
            ((said,),) = database.execute("pragma integrity_check(1)")
            if said != "ok":
                raise Unusable(f"it is damaged: {said}")
            database.execute("pragma query_only = on")
            names = [name for (name,) in database.execute(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'"
            )]  # fmt: skip
            return Answer(len(names), sum(_rows(database, name) for name in names), _value(database, query))
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise Unreachable(f"{file.name} could not be checked in {SECONDS:.0f} s", hint="try it by hand") from None
        raise Unusable(f"it is damaged: {error}") from None
    except sqlite3.DatabaseError as error:
        raise Unusable(f"it is damaged: {error}") from None


def _rows(database: sqlite3.Connection, table: str) -> int:
    name = table.replace('"', '""')
    try:
        return int(database.execute(f'select count(*) from "{name}"').fetchone()[0])  # noqa: S608  quoted as SQL wants it
    except sqlite3.OperationalError as error:
        if "no such module" not in str(error):
            raise
        return 0  # an index of a program of its own


def _value(database: sqlite3.Connection, query: str) -> int | None:
    if not query:
        return None
    database.set_authorizer(_allowed)
    try:
        row = database.execute(query).fetchone()
    except sqlite3.Error as error:
        if "interrupted" in str(error):
            raise
        if _mistaken(error):
            raise InvalidRequest(f"its query cannot be asked: {error}", hint="select count(*) from …") from None
        raise Unusable(f"its query failed: {error}") from None
    return _number("" if row is None or row[0] is None else str(row[0]))


def _allowed(action: int, name: str | None, value: str | None, *_: str | None) -> int:
    """Nothing but reading: also where a database itself may not be written to, a query could make files beside it."""
    within = action == sqlite3.SQLITE_PRAGMA and name == ASKED_WITHIN and value is None
    return sqlite3.SQLITE_OK if action in READING or within else sqlite3.SQLITE_DENY


def _mistaken(error: sqlite3.Error) -> bool:
    """Whether the query is wrong, and nothing is known of the database."""
    code = getattr(error, "sqlite_errorcode", None)  # what Python itself complains of has none
    if isinstance(error, sqlite3.ProgrammingError) or code == sqlite3.SQLITE_AUTH:
        return True
    return code == sqlite3.SQLITE_ERROR and not str(error).startswith(LACKS)


def _number(text: str) -> int:
    """What a query answers; of an empty table many answer nothing at all."""
    if not text:
        raise Unusable("its query answers nothing: is the table empty?")
    if not NUMBER.fullmatch(text):
        raise InvalidRequest("the query does not answer with one whole number", hint="select count(*) from …")
    return int(text)


def postgresql(dump: Path, query: str, folder: Path) -> Answer:
    """Restore a dump of pg_dump in its custom format in a server of its own below an empty folder, and ask."""
    programs = max(PROGRAMS.glob("*/bin/initdb"), key=lambda one: float(one.parent.parent.name), default=None)
    if programs is None:
        raise NotFound("PostgreSQL is not installed here", hint="apt-get install postgresql")
    with dump.open("rb") as file:
        head = file.read(5)
    if not head:
        raise Unusable("it is empty")
    if head != b"PGDMP":
        raise InvalidRequest(
            f"{dump.name} is no dump that pg_restore reads", hint="make it with pg_dump --format=custom"
        )
    data = folder / "data"
    words = ("--auth=trust", "--username=keeper", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
    _asked(_apart(), [*APART, str(programs), f"--pgdata={data}", *words], folder)
    with _served(programs.parent, data) as client:
        for word in ("create role restored login", "create database restored owner restored"):
            client("psql", "keeper", "postgres", "-c", word)
        _restored(client, dump)
        told = client("psql", "restored", "restored", "-c", ROWS).split("|")
        value = _number(_queried(client, query)) if query else None
    return Answer(int(told[0]), int(told[1]), value)


def _apart() -> Tool:
    """Its programs, without a network and as nobody of this machine."""
    return Tool("unshare", {}, None, "", called="PostgreSQL")


class Failed(Unreachable):
    """A program of PostgreSQL ended with an error; that it did not end in time is none of these."""


class Client:
    """A program of PostgreSQL that talks to the server whose socket lies in the folder it runs in."""

    def __init__(self, programs: Path, data: Path) -> None:
        self._programs, self._data = programs, data

    def __call__(self, program: str, role: str, database: str, *words: str) -> str:
        told = {"PGHOST": "/proc/self/cwd", "PGUSER": role, "PGDATABASE": database}
        usual = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"] if program == "psql" else []
        return _asked(Tool(str(self._programs / program), told, None, ""), [*usual, *words], self._data)


@contextmanager
def _served(programs: Path, data: Path) -> Iterator[Client]:
    """A server as long as the block; what it says is read until it is ready."""
    settings = [word for one in QUIET for word in ("-c", one)]
    argv = [*APART, "sh", "-c", 'exec "$@" 2>&1', "sh", str(programs / "postgres"), "-D", str(data), *settings]
    said = cast("Generator[bytes]", _apart().lines(argv, data, Limits(SECONDS)))
    with closing(said):
        lines: list[bytes] = []
        for line in said:
            lines.append(line)
            if b"ready to accept connections" in line:
                break
        else:
            raise Unreachable(f"PostgreSQL did not start: {_reason(lines)}", hint="try it by hand")
        yield Client(programs, data)


def _restored(client: Client, dump: Path) -> None:
    words = ("--no-owner", "--no-acl", "--exit-on-error", "-d", "restored", str(dump))
    try:
        client("pg_restore", "restored", "restored", *words)
    except Failed as error:
        if any(one in str(error) for one in ("extension", "unsupported version")):
            raise
        raise Unusable(f"it cannot be restored: {error}") from None


def _queried(client: Client, query: str) -> str:
    """What the server answers; what begins with a backslash psql would do itself, such as start a program."""
    try:
        return client("psql", "restored", "restored", "-c", f" {query}").strip()
    except Failed as error:
        if any(one in str(error) for one in WRONG):
            raise InvalidRequest(f"its query cannot be asked: {error}", hint="select count(*) from …") from None
        raise Unusable(f"its query failed: {error}") from None


def _asked(tool: Tool, argv: list[str], folder: Path) -> str:
    """What a program says; raise ``Failed`` with its reason, ``NoRoom`` where that is ours."""
    said = b"".join(tool.lines(argv, folder, Limits(SECONDS))).decode(errors="replace")
    if tool.ended.code and "No space left on device" in tool.ended.said:
        raise NoRoom("there is no room to restore the dump here", hint="free some space")
    if tool.ended.code:
        raise Failed(_reason(tool.ended.said.encode().splitlines()), hint="try it by hand")
    return said


def _reason(lines: list[bytes]) -> str:
    """The first line that names an error, else the last."""
    found = [line for line in lines if b"error:" in line.lower()] or lines[-1:]
    return found[0].decode(errors="replace").strip()[:200] if found else "it did not say why"
