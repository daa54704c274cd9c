"""The register on disk: things read and swapped, each swap checked, written and chained in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, Row, Select, Text, cast, func, insert, select, true, update

from inventory.licence.model import Product
from inventory.register import measuring, stocktaking
from inventory.register.chain import START, Happened, broken, sealed, text_of
from inventory.register.engine import engine_of, told
from inventory.register.entitling import catalogue
from inventory.register.fields import THINGS, Fields, reference, shown, stored, tidy
from inventory.register.keys import serial_key, uuid_key
from inventory.register.rules import check
from inventory.register.states import LIVE
from inventory.register.swap import Swap
from inventory.register.tables import table
from ops.errors import Conflict, Refused
from ops.private import write_private


@dataclass(frozen=True)
class Author:
    """Who changes the register; ``run`` tells the run whose record will have the evidence."""

    person: str
    run: Callable[[], str] = lambda: ""


Told = Callable[[int], object]  # of so many rows so far
Watch = Callable[[], AbstractContextManager[Told]]


def unwatched() -> AbstractContextManager[Told]:
    """Nobody is told."""
    return nullcontext(lambda _: None)


class Register:
    """The register in a file, or in a database by its address; ``own`` is the folder of its workspace.

    ``head`` is the file that says how far the history went; of a register in a file it stands beside that. ``watch``
    is opened for as long as many rows are gone through, and told how many were.
    """

    def __init__(self, where: Path | str, author: Author, own: Path | None = None, head: Path | None = None) -> None:
        self._author, self.own = author, own
        self.watch: Watch = unwatched
        self.engine = engine_of(where)
        from inventory.register.migrate import up_to_date

        self._noted = where.with_suffix(".head") if isinstance(where, Path) else head
        try:
            with told():
                up_to_date(self.engine)
                self._whole()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file, or of the server."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """Everything as it is at one moment."""
        with told(), self.engine.execution_options(only_reads=True).connect() as connection:
            yield Snapshot(connection, self.own)

    @contextmanager
    def writing(self) -> Iterator[Pen]:
        """The only writer, until the end; nothing is kept if something is raised."""
        with told(writes=True), self.engine.begin() as connection:
            pen = Pen(connection, self._author, self.own, self.watch)
            yield pen
        self._note(*pen.written)

    def _note(self, number: int, digest: str) -> None:
        """Keep how far the history went: an older copy of it is noticed then."""
        if self._noted and number:
            with suppress(OSError):  # the next write notes it again
                write_private(self._noted, f"{number} {digest}\n")

    def _whole(self) -> None:
        """Raise ``Refused`` if the register is older than what was written to it, or not the same."""
        noted = (
            self._noted.read_text(encoding="ascii", errors="replace").split()
            if self._noted and self._noted.is_file()
            else []
        )
        if len(noted) != 2 or not noted[0].isdecimal():
            return
        with self.reading() as seen:
            if seen.hash_of(int(noted[0])) != noted[1]:
                said = f"the register lacks what was written to it: event {noted[0]} is not there, or is another"
                hint = f"bring the newest copy back; if this one is wanted all the same, remove {self._noted}"
                raise Refused(said, hint=hint)

    @contextmanager
    def rehearsing(self) -> Iterator[Pen]:
        """The same, and nothing is kept at the end."""
        with told(), self.engine.connect() as connection, connection.begin() as transaction:
            yield Pen(connection, self._author, self.own, self.watch)
            transaction.rollback()

    def read(self, ref: str) -> Fields | None:
        """One thing."""
        with self.reading() as seen:
            return seen.read(ref)

    def swap(self, ref: str, before: Fields | None, after: Fields | None, why: str = "") -> None:
        """Change one thing, if it is still as it was."""
        with self.writing() as pen:
            pen.swap(Swap(ref, before, after), why)


class Snapshot:
    """The register at one moment; see ``inventory.register.rules.Things``."""

    def __init__(self, connection: Connection, own: Path | None = None) -> None:
        self.connection, self.own = connection, own

    @property
    def products(self) -> Mapping[str, Product]:
        """What licences can be for: shipped, and a workspace's own."""
        return catalogue(self.own).products

    def rows(self, statement: Select[Any]) -> Iterator[Row[Any]]:
        """The rows of a question, some thousands at a time."""
        with self.connection.execute(statement.execution_options(yield_per=2000)) as found:
            yield from found

    def read(self, ref: str) -> Fields | None:
        """One thing, or None."""
        kind, key = reference(ref)
        made = table(kind)
        row = self.connection.execute(select(made).where(made.c.key == key, made.c.voided.is_(False))).first()
        return fields_of(kind, row) if row else None

    def find(self, kind: str, **equal: str) -> dict[str, Fields]:
        """The things of a kind whose fields equal these, in order of their keys; reference → fields."""
        return dict(self.every(kind, **equal))

    def every(self, kind: str, **equal: str) -> Iterator[tuple[str, Fields]]:
        """The same, one at a time; an empty text asks for those without."""
        made = table(kind)
        asked = [
            made.c[name] == stored(kind, name, text) if text else made.c[name].is_(None) for name, text in equal.items()
        ]
        columns = [cast(one, Text) if isinstance(one.type, Date) else one for one in made.c]  # as it is shown
        for row in self.rows(select(*columns).where(made.c.voided.is_(False), *asked).order_by(made.c.key)):
            yield f"{kind}:{row.key}", fields_of(kind, row)

    def columns(self, kind: str, names: Sequence[str], keys: Sequence[str] = ()) -> dict[str, list[Any]]:
        """Some fields of every thing of a kind as text, none of them money, each as one list: far fewer objects."""
        made = table(kind)
        these = made.c.key.in_(keys) if keys else true()
        asked = select(*(cast(made.c[name], Text) for name in names)).where(~made.c.voided, these)
        found: dict[str, list[Any]] = {name: [] for name in names}
        for rows in self.connection.execute(asked.execution_options(yield_per=2000)).partitions():
            for column, values in zip(found.values(), zip(*rows, strict=True), strict=True):
                column.extend(values)
        return found

    def some(self, kind: str, keys: Sequence[str]) -> dict[str, Fields]:
        """A few things by their keys; key → fields."""
        made = table(kind)
        asked = select(made).where(made.c.key.in_(keys), made.c.voided.is_(False))
        return {row.key: fields_of(kind, row) for row in self.rows(asked)}

    def count(self, kind: str) -> int:
        """How many things of a kind there are."""
        made = table(kind)
        asked = select(func.count()).select_from(made).where(made.c.voided.is_(False))
        return self.connection.execute(asked).scalar_one()

    def previous(self, ref: str) -> Fields | None:
        """What a thing was before its last change."""
        made = table("event")
        found = select(made.c.before).where(made.c.ref == ref).order_by(made.c.number.desc()).limit(1)
        return _fields(self.connection.execute(found).scalar())

    def twin(self, key: str, fields: Fields) -> str:
        """The tag of another live asset with the same serial or UUID."""
        made = table("asset")
        for column, value in _identities(fields).items():
            if value:
                same = select(made.c.key).where(
                    made.c[column] == value, made.c.live.is_(True), made.c.voided.is_(False), made.c.key != key
                )
                if found := self.connection.execute(same.limit(1)).scalar():
                    return str(found)
        return ""

    def history(self, ref: str = "") -> Iterator[Happened]:
        """What happened, first to last; to one thing, or to all."""
        made = table("event")
        yield from self._happened(made.c.ref == ref if ref else true())

    def since(self, number: int) -> Iterator[Happened]:
        """What happened after an event."""
        yield from self._happened(table("event").c.number > number)

    def _happened(self, only: Any) -> Iterator[Happened]:
        made = table("event")
        for row in self.rows(select(made).where(only).order_by(made.c.number)):
            things: Iterable[Any] = map(_fields, row[6:8])
            yield Happened(*row[:6], *things, *row[8:])  # the columns are the fields, one for one

    def as_of(self, ref: str, moment: str) -> Fields | None:
        """What a thing was at a moment (RFC 3339, UTC)."""
        found = None
        for happened in self.history(ref):
            if happened.at > moment:
                break
            found = happened.after
        return found

    def broken(self) -> str:
        """Where the history does not hold, or where a thing is not as its history says; empty if all holds."""
        return broken(self.history()) or self._strayed()

    def head(self) -> tuple[int, str]:
        """Number and hash of the last event."""
        made = table("event")
        row = self.connection.execute(
            select(made.c.number, made.c.hash).order_by(made.c.number.desc()).limit(1)
        ).first()
        return (row.number, row.hash) if row else (0, START)

    def hash_of(self, number: int) -> str:
        """The hash of one event; empty if there is none of that number."""
        made = table("event")
        return str(self.connection.execute(select(made.c.hash).where(made.c.number == number)).scalar() or "")

    def last(self, ref: str) -> tuple[int, str]:
        """Number and hash of the last event of one thing."""
        made = table("event")
        found = select(made.c.number, made.c.hash).where(made.c.ref == ref).order_by(made.c.number.desc()).limit(1)
        row = self.connection.execute(found).first()
        return (row.number, row.hash) if row else (0, "")

    def _strayed(self) -> str:
        last: dict[str, Fields | None] = {}
        for happened in self.history():
            last[happened.ref] = happened.after
        for kind in THINGS:
            for ref, fields in self.every(kind):
                if last.pop(ref, None) != fields:
                    return f"{ref} is not as its history says"
        gone = next((ref for ref, fields in last.items() if fields is not None), "")
        return f"{gone} is in the history, and not in the register" if gone else ""


class Pen(Snapshot):
    """A snapshot that may be written to, by one writer at a time."""

    def __init__(
        self, connection: Connection, author: Author, own: Path | None = None, watch: Watch = unwatched
    ) -> None:
        super().__init__(connection, own)
        self._author, self.watch = author, watch
        self._head = self.head()

    @property
    def run(self) -> str:
        """The run that is being carried out."""
        return self._author.run()

    @property
    def written(self) -> tuple[int, str]:
        """Number and hash of the last event, with those just written."""
        return self._head

    def swap(self, swap: Swap, why: str = "") -> None:
        """Change one thing; raise ``Conflict`` unless it is as it was, and whatever the rules refuse."""
        here = self.read(swap.ref)
        if here != (swap.before if swap.before is None else tidy(swap.before)):
            raise Conflict(f"{swap.ref} is no longer as it was", hint="plan again")
        check(self, swap.ref, swap.before, swap.after)
        self.put([swap], why)
        self._along(swap)

    def _along(self, swap: Swap) -> None:
        """What a change takes along: the rows of an import, the list of a stock-take."""
        kind, key = reference(swap.ref)
        if kind == "import":
            from inventory.register import importing

            importing.along(self, swap.ref, swap.before, swap.after)
        elif kind == "measured":
            measuring.along(self, swap.before, swap.after)
        elif kind == "stocktake" and swap.after is None:
            stocktaking.forget(self, key)
        elif kind == "stocktake" and swap.after is not None and swap.before is None:
            stocktaking.freeze(self, key, swap.after)
        elif kind == "stocktake" and swap.after is not None and swap.after.get("closed"):
            stocktaking.unchanged(self, key, swap.after)

    def put(self, swaps: Sequence[Swap], why: str, voided: frozenset[str] | None = None) -> None:
        """Write what is known to be right: rows and their history. ``voided`` are keys taken back, if known."""
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        fresh: dict[str, list[dict[str, Any]]] = {}
        for swap in swaps:
            kind, key = reference(swap.ref)
            row = _row(kind, key, swap.after if swap.after is not None else swap.before or {})
            row["voided"] = swap.after is None
            there = self._voided(kind, key) if voided is None else key in voided
            if swap.before is None and not there:
                fresh.setdefault(kind, []).append(row)
            else:
                made = table(kind)
                self.connection.execute(update(made).where(made.c.key == key).values(row))
        for kind, rows in fresh.items():
            self.connection.execute(insert(table(kind)), rows)
        self._chain(swaps, at, why)

    def _voided(self, kind: str, key: str) -> bool:
        """Whether there was such a thing, taken back since."""
        made = table(kind)
        return self.connection.execute(select(made.c.key).where(made.c.key == key)).first() is not None

    def _chain(self, swaps: Sequence[Swap], at: str, why: str) -> None:
        number, previous = self._head
        rows = []
        for swap in swaps:
            number += 1
            before, after = (None if one is None else dict(tidy(one)) for one in (swap.before, swap.after))
            happened = Happened(
                number, swap.ref, at, self._author.person, self._author.run(), why, before, after, previous
            )
            previous = sealed(happened)
            rows.append(vars(happened) | {"before": _text(before), "after": _text(after), "hash": previous})
        self.connection.execute(insert(table("event")), rows)
        self._head = number, previous


def fields_of(kind: str, row: Row[Any]) -> Fields:
    """A row of all columns as text; what is not known is left out."""
    values, places = row[:], _places(kind)
    currency = values[places["currency"]] or "" if "currency" in places else ""
    return {
        name: value if type(value) is str else shown(kind, name, value, currency)
        for name, place in places.items()
        if (value := values[place]) is not None
    }


@cache
def _places(kind: str) -> Mapping[str, int]:
    """Fields in order of their names, and where in a row of the table each stands."""
    columns = [column.name for column in table(kind).columns]
    return {name: columns.index(name) for name in sorted(THINGS[kind])}


def row_of(kind: str, key: str, fields: Fields) -> dict[str, Any]:
    """A thing as a row, but for the keys by which twins are found."""
    currency = fields.get("currency", "")
    row = {name: stored(kind, name, fields[name], currency) if fields.get(name) else None for name in THINGS[kind]}
    live = {"live": fields.get("state") in LIVE} if kind == "asset" else {}
    return {"key": key, **row, **live}


def _row(kind: str, key: str, fields: Fields) -> dict[str, Any]:
    twins = _identities(fields) if kind == "asset" else {}
    return row_of(kind, key, fields) | {name: value or None for name, value in twins.items()}


def _identities(fields: Fields) -> dict[str, str]:
    return {
        "serial_key": serial_key(fields.get("serial", ""), fields.get("maker", "")),
        "uuid_key": uuid_key(fields.get("uuid", "")),
    }


def _fields(text: str | None) -> Fields | None:
    found: Fields | None = json.loads(text) if text else None
    return found


def _text(fields: Fields | None) -> str | None:
    return None if fields is None else text_of(fields)
