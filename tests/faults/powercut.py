"""A disk that loses power: SQLite's file layer, in which what was not synced is kept back and half of it never lands.

The ledger's own code runs on it, with its own settings; only the file layer below SQLite is another. A cut is an
exception nothing may catch; afterwards the disk takes nothing any more, as a disk without power.
"""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any

import apsw

from evidence.ledger import Ledger
from evidence.store import PRAGMAS, TABLES, Store

NAME = "losing-power"


class PowerCut(BaseException):
    """The moment the power goes."""


class Disk(apsw.VFS):
    """Cuts the power at the ``cut``-th write, sync or truncation of any file on it."""

    def __init__(self, cut: int, chance: random.Random) -> None:
        self.left, self.chance, self.dead = cut, chance, False
        self.files: list[File] = []
        super().__init__(NAME, "unix")

    def xOpen(self, name: Any, flags: list[int]) -> File:  # noqa: N802  SQLite's own name
        return File(self, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        if not self.dead:
            super().xDelete(name, sync)

    def tick(self) -> None:
        """One more thing the disk was asked to do; without power it does nothing, and complains to nobody."""
        self.left -= 1
        if self.left == 0:
            self.dead = True
            for file in self.files:
                file.land(lambda: self.chance.random() < 0.5)
            raise PowerCut


class File(apsw.VFSFile):
    """One file: writes wait until they are synced, and are read back meanwhile."""

    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self.disk = disk
        self.waiting: list[tuple[int, bytes]] = []
        disk.files.append(self)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.tick()
        if not self.disk.dead:
            self.waiting.append((offset, bytes(data)))

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        size = super().xFileSize()
        here = super().xRead(min(amount, size - offset), offset) if offset < size else b""
        read = bytearray(here.ljust(amount, b"\0"))
        for start, data in self.waiting:
            first, last = max(start, offset), min(start + len(data), offset + amount)
            if first < last:
                read[first - offset : last - offset] = data[first - start : last - start]
        return bytes(read)

    def xFileSize(self) -> int:  # noqa: N802
        return max([super().xFileSize(), *(start + len(data) for start, data in self.waiting)])

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.tick()
        if not self.disk.dead:
            self.land()
            super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.disk.tick()
        if not self.disk.dead:
            self.land()
            super().xSync(flags)

    def land(self, lucky: Any = lambda: True) -> None:
        """Put what waits on the disk, as far as it is lucky."""
        for start, data in self.waiting:
            if lucky():
                super().xWrite(data, start)
        self.waiting.clear()


class Translated:
    """A connection of another library, with the errors the ledger knows."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._db, name)

        def translated(*words: Any) -> Any:
            try:
                return act(*words)
            except apsw.Error as error:
                raise sqlite3.OperationalError(str(error)) from None

        return translated


class FragileStore(Store):
    """The ledger's store on such a disk."""

    pragmas = PRAGMAS

    def _open(self, read_only: bool) -> Any:
        db = Translated(apsw.Connection(str(self.path), vfs=NAME))
        db.execute("pragma locking_mode=exclusive")  # this file layer has no shared memory
        for pragma in self.pragmas:
            db.execute(f"pragma {pragma}")
        self._private()
        db.execute(TABLES)
        return db


def ledger_on(store: Store, chain: str) -> Ledger:
    """A ledger over a store of the test's own."""
    made = Ledger.__new__(Ledger)
    made.chain, made._store = chain, store
    return made


def cut(folder: Path, at: int, chance: random.Random, pragmas: tuple[str, ...] = PRAGMAS) -> int:
    """Append until the power goes; return how many appends had come back by then."""
    disk = Disk(at, chance)
    kind = type("Cut", (FragileStore,), {"pragmas": pragmas})
    done = 0
    try:
        store = kind(folder / "ledger.db")
        ledger = ledger_on(store, "p-1/d-1")
        for number in range(10_000):
            ledger.append(*events(number))
            done += 1
    except PowerCut:
        return done
    finally:
        disk.unregister()
    raise AssertionError("the power never went")


def events(number: int) -> tuple[Any, ...]:
    """What one append writes: two events with a private value each."""
    from evidence.event import Event, now

    body = {"item": number, "result": "changed"}
    return tuple(Event(f"r{number}", kind, now(), body, {"t1": "x" * 200}) for kind in ("outcome", "intent"))
