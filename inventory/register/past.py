"""The register as it was at one event, rebuilt from its history into a file of its own and read like any other.

Things have a history and are rebuilt from it, with every hash checked on the way. What others say is there has none:
those rows are given, as they were kept with whatever was made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Date, create_engine, event, func, insert, select

from inventory.register.chain import Happened, broken, text_of
from inventory.register.entitling import OWN
from inventory.register.fields import reference
from inventory.register.store import Snapshot, row_of
from inventory.register.tables import metadata, table
from ops.errors import EvidenceInvalid

Seen = tuple[str, Mapping[str, Any]]  # a table without history and one row of it, as JSON can hold it
MANY = 2000


@dataclass(frozen=True)
class Head:
    """How far the history went: the number and the hash of its last event."""

    number: int
    hash: str


def head_at(seen: Snapshot, moment: str) -> Head:
    """The last event at or before a moment (RFC 3339, UTC); number 0 if there was none."""
    made = table("event")
    asked = select(func.max(made.c.number)).where(made.c.at <= moment)
    return head_of(seen, seen.connection.execute(asked).scalar() or 0)


def head_of(seen: Snapshot, number: int) -> Head:
    """An event by its number; its hash is empty if there is no such event."""
    made = table("event")
    found = seen.connection.execute(select(made.c.hash).where(made.c.number == number)).scalar()
    return Head(number, str(found or ""))


def observed(seen: Snapshot, names: Sequence[str]) -> Iterator[Seen]:
    """The rows of tables without history, in order of their keys."""
    for name in names:
        made = table(name)
        for row in seen.rows(select(made).order_by(*made.primary_key)):
            values = row._asdict()
            yield name, {key: one.isoformat() if isinstance(one, date) else one for key, one in values.items()}


@contextmanager
def past(seen: Snapshot, head: Head, rows: Iterable[Seen] = (), own: str = "") -> Iterator[Snapshot]:
    """The register at an event; ``own`` is the text of the workspace's own software rules.

    Raise ``EvidenceInvalid`` if the history does not hold, or does not come to the hash of ``head``.
    """
    with TemporaryDirectory(prefix="ops-past-") as folder:
        if own:
            (Path(folder) / OWN).parent.mkdir()
            (Path(folder) / OWN).write_text(own, encoding="utf-8")
        engine = create_engine(f"sqlite:///{folder}/register.db")
        event.listen(engine, "connect", _hurry)
        metadata().create_all(engine)
        try:
            with engine.connect() as connection:
                _history(seen, head, connection)
                _things(connection)
                _observed(connection, rows)
                connection.commit()
                yield Snapshot(connection, Path(folder) if own else None)
        finally:
            engine.dispose()


def _hurry(connection: Any, _: object) -> None:
    for line in ("journal_mode=OFF", "synchronous=OFF"):  # if it is lost, it is made again
        connection.execute(f"PRAGMA {line}")


def _history(seen: Snapshot, head: Head, connection: Connection) -> None:
    """Copy the events up to the head, and look whether they hold."""
    made = table("event")
    last = [Happened(0, "", "", "", "", "", None, None)]

    def copied() -> Iterator[Happened]:
        until = (one for one in seen.history() if one.number <= head.number)
        while some := list(islice(until, MANY)):
            connection.execute(insert(made), [_event(one) for one in some])
            last[0] = some[-1]
            yield from some

    wrong = broken(copied()) if head.number else ""
    if wrong or (head.number and (last[0].number, last[0].hash) != (head.number, head.hash)):
        said = wrong or f"event {head.number} is not the one that was reported on"
        raise EvidenceInvalid(f"the register's history does not hold: {said}", hint="ops asset history; ask who wrote")


def _event(one: Happened) -> dict[str, Any]:
    texts = {name: None if fields is None else text_of(fields)
             for name, fields in (("before", one.before), ("after", one.after))}  # fmt: skip
    return vars(one) | texts


def _things(connection: Connection) -> None:
    """Each thing as its last event left it."""
    made = table("event")
    newest = select(func.max(made.c.number)).group_by(made.c.ref)
    at, here = 0, Snapshot(connection)
    while True:
        asked = select(made.c.number).where(made.c.number > at, made.c.number.in_(newest)).order_by(made.c.number)
        numbers = list(connection.execute(asked.limit(MANY)).scalars())
        if not numbers:
            return
        happened = here._happened(made.c.number.between(numbers[0], numbers[-1]))
        _enter(connection, [one for one in happened if one.number in {*numbers}])
        at = numbers[-1]


def _enter(connection: Connection, events: Sequence[Happened]) -> None:
    rows: dict[str, list[dict[str, Any]]] = {}
    for one in events:
        kind, key = reference(one.ref)
        if one.after is not None:
            rows.setdefault(kind, []).append(row_of(kind, key, one.after))  # no twins: nothing is entered any more
    for kind, some in rows.items():
        connection.execute(insert(table(kind)), some)


def _observed(connection: Connection, rows: Iterable[Seen]) -> None:
    left = iter(rows)
    while some := list(islice(left, MANY)):
        for name in dict.fromkeys(name for name, _ in some):
            days = [column.name for column in table(name).columns if isinstance(column.type, Date)]
            made = [{**row, **{day: date.fromisoformat(row[day]) for day in days if row.get(day)}}
                    for of, row in some if of == name]  # fmt: skip
            connection.execute(insert(table(name)), made)
