"""Opening the database of the register, and its errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

from ops.errors import ApplyFailed, Conflict, InvalidRequest, OutcomeUnknown
from ops.private import private_folder

BUSY = 30_000  # milliseconds a writer waits for another


def engine_of(where: Path | str) -> Engine:
    """A file, or a database of a PostgreSQL server by its address."""
    if isinstance(where, Path):
        private_folder(where.parent, ApplyFailed)
        engine = create_engine(f"sqlite:///{where}", connect_args={"timeout": BUSY / 1000})
        event.listen(engine, "connect", _prepared)
        event.listen(engine, "begin", _begun)
        return engine
    from inventory.register.server import server_engine

    return server_engine(where, BUSY)


def _prepared(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver would begin by itself, and too late to keep others out
    for line in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY}"):
        connection.execute(f"PRAGMA {line}")


def _begun(connection: Connection) -> None:
    reads = connection.get_execution_options().get("only_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def told(writes: bool = False) -> Iterator[None]:
    """Errors of the database as ours."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(f"the register refuses it: {_line(error)}", hint="look at it again, then plan again") from error
    except OperationalError as error:
        if writes and error.connection_invalidated:  # it may have been the answer to the commit
            said = f"the connection to the register was lost: {_line(error)}"
            raise OutcomeUnknown(said, hint="is its server up? look at it again") from error
        raise ApplyFailed(f"the register cannot be used: {_line(error)}", hint=_unusable(error)) from error
    except (DataError, ProgrammingError) as error:
        hint = "has its account the right? is it text as people write it?"
        raise ApplyFailed(f"the register refuses it: {_line(error)}", hint=hint) from error
    except DatabaseError as error:
        said = f"the register is damaged: {_line(error)}"
        raise ApplyFailed(said, hint="bring its file back from a copy, with the .head beside it") from error
    except SQLAlchemyError as error:
        said = str(error).partition("\n")[0]
        raise InvalidRequest(f"the register cannot be opened: {said}", hint="ops config show --origin") from error


def _line(error: DBAPIError) -> str:
    """The first line of what a database says: a server goes on with advice of its own."""
    return str(error.orig).partition("\n")[0]


def _unusable(error: OperationalError) -> str:
    if any(word in _line(error) for word in ("locked", "lock timeout")):
        return "somebody else is writing in it; try again"
    return "is there room, and the right? is its server up, and its password in ~/.pgpass?"
