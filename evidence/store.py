"""The database under the ledger: durable commits, one writer at a time, and room kept for what is owed.

The SQL is what PostgreSQL takes too, but for the pragmas. A commit is on disk when it returns
(``synchronous=FULL``); after a full or failing disk the connection is closed and nothing is tried again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ops.errors import EvidenceInvalid, EvidenceUnavailable

APPEND_ONLY = "the ledger is append-only"
BALLAST = 1 << 20  # a whole emergency run: each commit takes some 24 KiB of SQLite's log until it is folded in
NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs", "afs", "lustre"}
FAILURES = (sqlite3.Error, UnicodeDecodeError)  # the second where the message itself repeats damaged bytes
COLUMNS = (str, int)  # what the tables hold; anything else is a damaged page
PRAGMAS = ("journal_mode=wal", "synchronous=full", "secure_delete=on")
TABLES = f"""
create table if not exists events (
    chain text not null, seq integer not null, hash text not null unique, run text not null, text text not null,
    primary key (chain, seq)
) strict;
create index if not exists events_by_run on events (run, seq);
create table if not exists documents (
    sha256 text primary key, kind text not null, run text not null, text text not null, signature text not null
) strict;
create table if not exists disclosures (
    "commit" text primary key, chain text not null, seq integer not null, text text not null
) strict;
create trigger if not exists events_no_update before update on events begin select raise(abort, '{APPEND_ONLY}'); end;
create trigger if not exists events_no_delete before delete on events begin select raise(abort, '{APPEND_ONLY}'); end;
create trigger if not exists documents_no_update before update on documents
    begin select raise(abort, '{APPEND_ONLY}'); end;
create trigger if not exists documents_no_delete before delete on documents
    begin select raise(abort, '{APPEND_ONLY}'); end;
"""
INDEXES = """
create index if not exists documents_by_run on documents (run, kind);
create index if not exists disclosures_by_place on disclosures (chain, seq);
"""


class Store:
    """One ledger file, private, made on first use; ``read_only`` opens what is there and never writes.

    ``in_need`` gives up the room that is kept, from the start: even opening takes some.
    """

    def __init__(self, path: Path, read_only: bool = False, in_need: bool = False) -> None:
        self.path = path
        self._in_need = in_need
        refuse_network(path)
        try:
            self._db: sqlite3.Connection | None = self._open(read_only)
        except (*FAILURES, OSError) as error:
            raise unavailable(path, error) from error

    def _open(self, read_only: bool) -> sqlite3.Connection:
        if read_only:
            return self._reading()
        if self._in_need:
            self._kept_room.unlink(missing_ok=True)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._private()
        db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        with self.one_writer():  # of several that open a new ledger at once, only one may turn it into what it is
            for pragma in PRAGMAS:
                db.execute(f"pragma {pragma}")
            if not db.execute("select 1 from sqlite_master where name = 'disclosures_by_place'").fetchone():
                db.executescript(TABLES + INDEXES)  # a ledger of before gets what it lacks
            if not self._in_need:
                self.ballast()
        return db

    def _reading(self) -> sqlite3.Connection:
        """Open what is there; where not even SQLite's own helper files may be made, nobody else can be writing."""
        for how in ("mode=ro", "immutable=1"):
            db = sqlite3.connect(f"{self.path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
            try:
                db.execute("select 1 from events limit 1").fetchone()
                return db
            except sqlite3.OperationalError:
                db.close()
        raise sqlite3.OperationalError("unable to open database file")

    def _private(self) -> None:
        """Make every file 0600 before SQLite makes them its own way, whatever the umask."""
        self.path.parent.chmod(0o700)
        for suffix in ("", ".lock"):
            handle = os.open(f"{self.path}{suffix}", os.O_RDWR | os.O_CREAT, 0o600)
            os.close(handle)
        for file in self.path.parent.glob(f"{self.path.name}*"):
            with suppress(FileNotFoundError):  # SQLite takes its helper files away when the last one closes
                file.chmod(0o600)

    @property
    def db(self) -> sqlite3.Connection:
        """The open connection; raise ``EvidenceUnavailable`` after it was given up."""
        if self._db is None:
            raise EvidenceUnavailable("the ledger was closed after a failure", hint="ops doctor")
        return self._db

    def rows(self, sql: str, values: Sequence[object] = ()) -> Iterator[Any]:
        """What a query gives, row by row; a file whose pages do not hold together is damaged evidence."""
        hint = "keep it as it is, tell your mentor, and restore it from a backup"
        try:
            for row in self.db.execute(sql, values):
                if not all(type(value) in COLUMNS for value in row):
                    raise EvidenceInvalid(f"{self.path} is damaged", hint=hint)
                yield row
        except FAILURES as error:
            raise EvidenceInvalid(f"{self.path} is damaged", hint=hint) from error

    def damage(self) -> str:
        """What SQLite itself finds wrong with the file, its indexes included; empty if nothing."""
        ((found,),) = self.rows("pragma integrity_check(1)")
        return "" if found == "ok" else str(found)

    def one(self, sql: str, values: Sequence[object] = ()) -> Any:
        """The first row, or None."""
        return next(self.rows(sql, values), None)

    @contextmanager
    def one_writer(self) -> Iterator[None]:
        """Queue for the write lock in order of arrival; SQLite's own waiting is unfair by seconds."""
        with Path(f"{self.path}.lock").open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(file, fcntl.LOCK_UN)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One commit, on disk when the block ends; any failure closes the connection and is an error of ours."""
        try:
            with self.one_writer(), all_or_nothing(self.db) as db:
                yield db
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise unavailable(self.path, error) from error

    def scrub(self) -> None:
        """Rewrite the file: what was deleted stays readable in unused parts of its pages and in the log otherwise."""
        try:
            with self.one_writer():
                self.db.execute("pragma temp_store=memory")
                self.db.execute("vacuum")
                busy = self.db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
        except (sqlite3.Error, OSError) as error:
            raise unavailable(self.path, error) from error
        if busy:
            raise EvidenceUnavailable(
                "the values are erased, but the disk still holds them: another command is reading the ledger",
                hint="let it end, then erase once more",
            )

    def close(self) -> None:
        """Give the connection up."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
        self._db = None

    @property
    def _kept_room(self) -> Path:
        return Path(f"{self.path}.ballast")

    def ballast(self) -> None:
        """Keep room for the outcome of a change that is under way when the disk fills."""
        file = self._kept_room
        if not file.exists() or file.stat().st_size < BALLAST:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(handle, 0, BALLAST)
            finally:
                os.close(handle)

    def free_ballast(self) -> None:
        """Give the room back, and open again."""
        self._kept_room.unlink(missing_ok=True)
        self.close()
        try:
            db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            for pragma in PRAGMAS:
                db.execute(f"pragma {pragma}")
        except sqlite3.Error as error:
            raise unavailable(self.path, error) from error
        self._db = db


@contextmanager
def all_or_nothing(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commit when the block ends well, roll back when it does not."""
    db.execute("begin immediate")
    try:
        yield db
        db.execute("commit")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("rollback")
        raise


def unavailable(path: Path, error: Exception) -> EvidenceUnavailable:
    """The one error for every way a ledger can fail to be written."""
    text = str(error).lower()
    if "full" in text or "no space" in text or ("i/o error" in text and no_room(path)):
        return EvidenceUnavailable(
            f"the disk of {path} is full", hint="free some space; nothing was changed without it"
        )
    if "readonly" in text or "read-only" in text or "permission" in text:
        return EvidenceUnavailable(f"{path} may not be written", hint=f"give yourself the right: ls -l {path.parent}")
    if "no such" in text or "unable to open" in text:
        return EvidenceUnavailable(f"there is no ledger at {path}", hint="the first changing command makes it")
    if "malformed" in text or "not a database" in text or isinstance(error, UnicodeDecodeError):
        return EvidenceUnavailable(f"{path} is damaged", hint="restore it from a backup; ops evidence verify says more")
    return EvidenceUnavailable(f"{path} cannot be used: {error}", hint="ops doctor")


def no_room(path: Path) -> bool:
    """Whether the disk has hardly a page left; SQLite calls that an I/O error where its shared memory cannot grow."""
    try:
        return shutil.disk_usage(path.parent).free < BALLAST
    except OSError:
        return False


def file_system(path: Path) -> str:
    """The type of the file system a path lies on, such as ``ext4``; empty if nobody can say."""
    import psutil

    there = path.resolve()
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    above = [folder for folder in (there, *there.parents) if folder in mounts]
    return mounts[above[0]] if above else ""


def refuse_network(path: Path) -> None:
    """Raise ``EvidenceUnavailable`` on a network file system, whose locks and syncs SQLite cannot trust."""
    kind = file_system(path)
    if kind in NETWORK or kind.startswith("nfs"):
        raise EvidenceUnavailable(
            f"{path} is on a network file system ({kind})",
            hint="keep the workspace on a local disk; a shared ledger in PostgreSQL comes later",
        )
