"""Opening the database of the register, and its errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, SQLAlchemyError

from ops.errors import ApplyFailed, Conflict, InvalidRequest
from ops.private import private_folder

BUSY = 30_000  # milliseconds a writer waits for another


def engine_of(where: Path | str) -> Engine:
    """A file, or a database by its SQLAlchemy address."""
    if isinstance(where, Path):
        private_folder(where.parent, ApplyFailed)
        engine = create_engine(f"sqlite:///{where}", connect_args={"timeout": BUSY / 1000})
        event.listen(engine, "connect", _prepared)
        event.listen(engine, "begin", _begun)
        return engine
    return create_engine(where, isolation_level="SERIALIZABLE")


def _prepared(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver would begin by itself, and too late to keep others out
    for line in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY}"):
        connection.execute(f"PRAGMA {line}")


def _begun(connection: Connection) -> None:
    reads = connection.get_execution_options().get("only_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def told() -> Iterator[None]:
    """Errors of the database as ours."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(f"the register refuses it: {error.orig}", hint="look at it again, then plan again") from error
    except OperationalError as error:
        said = str(error.orig)
        busy = "somebody else is writing in it; try again" if "locked" in said else "is there room, and the right?"
        raise ApplyFailed(f"the register cannot be used: {said}", hint=busy) from error
    except DatabaseError as error:
        said = f"the register is damaged: {error.orig}"
        raise ApplyFailed(said, hint="bring its file back from a copy, with the .head beside it") from error
    except SQLAlchemyError as error:
        said = str(error).partition("\n")[0]
        raise InvalidRequest(f"the register cannot be opened: {said}", hint="ops config show --origin") from error
