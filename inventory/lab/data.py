"""What the servers of the practice network hold: the same files each time, and some that change every night."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from inventory.lab.people import DEPARTMENTS, Person, people
from inventory.lab.services import accounts

HOMES, SHARES, DATA = Path("/srv/home"), Path("/srv/share"), Path("/srv/data")
WITH_HOME = 50
NIGHTS = 4  # nights that are looked back to
OLD = datetime(2025, 3, 3, 9, 30, tzinfo=UTC).timestamp()  # when what never changes was last changed
SHELVES = {"Price list.csv": 34_000, "Letterhead.dotx": 21_000, "Handbook.pdf": 58_000, "Contacts.csv": 9_000}
MINUTES, SERIES, READINGS = 4_000, 16, 24_000  # octets, files, octets


def last_night(now: datetime) -> date:
    """The newest night whose backups have ended: they begin after midnight UTC, and by two all are done.

    What is begun before that is the night before's, and well by what ``protected`` allows: 30 h, and 6 h late.
    """
    return (now - timedelta(hours=2)).date()


def nights(last: date) -> list[date]:
    """The nights that are looked back to, oldest first."""
    return [last - timedelta(days=back) for back in reversed(range(NIGHTS))]


def homes() -> None:
    """A private home for the first people, with notes and a picture in it."""
    HOMES.mkdir(exist_ok=True)
    for one in people(WITH_HOME):
        _home(HOMES / one.logon, one)


def _home(home: Path, one: Person) -> None:
    for folder in (home, home / "Documents"):
        folder.mkdir(mode=0o700)
        accounts.own(folder, one.uid)
    text = f"Notes of {one.given} {one.family}\n".encode()
    picture = b"\xff\xd8\xff\xe0" + octets(one.logon, 30_000 + one.uid % 7 * 6_000)
    files = {"notes.txt": text, "Documents/plan.md": b"# Plan\n\n" + text, "Documents/badge.jpg": picture}
    for name, body in files.items():
        put(home / name, body, OLD, 0o600)
        accounts.own(home / name, one.uid)


def shares(last: date) -> None:
    """A folder for each department, with the minutes of the last days."""
    for department in DEPARTMENTS:
        folder = SHARES / department
        (folder / "Minutes").mkdir(parents=True, exist_ok=True)
        for name, size in SHELVES.items():
            put(folder / name, octets(f"{department} {name}", size), OLD)
        for night in nights(last):
            body = octets(f"{department} {night}", MINUTES)
            put(folder / "Minutes" / f"{night - timedelta(days=1)}.txt", body, evening(night))


def data(last: date) -> None:
    """What Research measures, and the database of its instruments' bookings."""
    folder = DATA / "research"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(SERIES):
        put(folder / f"series-{number:02}.csv", octets(f"series {number}", READINGS), OLD)
    _bookings(DATA / "bookings.db", nights(last))


def _bookings(path: Path, until: Iterable[date]) -> None:
    """A database with two tables; each day adds bookings."""
    path.unlink(missing_ok=True)
    rooms = [(number, f"Instrument {number}") for number in range(1, 9)]
    old = [date(2025, 3, 3) + timedelta(days=number) for number in range(200)]
    days = [*old, *(night - timedelta(days=1) for night in until)]
    with sqlite3.connect(path) as database:
        database.execute("create table instrument (id integer primary key, name text not null)")
        database.execute("create table booking (instrument integer not null references instrument, day text not null)")
        database.executemany("insert into instrument values (?, ?)", rooms)
        rows = [(room, day.isoformat()) for day in days for room, _ in rooms]
        database.executemany("insert into booking values (?, ?)", rows)
    database.close()
    path.chmod(0o640)


def octets(seed: str, size: int) -> bytes:
    """So many octets that cannot be made smaller, the same for the same seed."""
    return Random(seed).randbytes(size)  # noqa: S311  nothing is kept secret by it


def evening(night: date) -> float:
    """The evening before a night."""
    return datetime.combine(night - timedelta(days=1), time(17, 30), UTC).timestamp()


def put(path: Path, body: bytes, at: float, mode: int = 0o640) -> None:
    """A file as it was last changed at a moment."""
    path.write_bytes(body)
    path.chmod(mode)
    os.utime(path, (at, at))
