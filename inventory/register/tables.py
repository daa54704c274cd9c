"""The register's tables, the same on SQLite and PostgreSQL. What a row may not be, the database refuses too.

A thing is one row that is never deleted: ``voided`` marks one that was entered by mistake. What it was before stands
in ``event``, each row hashed over the one before.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)
from sqlalchemy.types import TypeEngine

from inventory.register.fields import COUNT, DATE, MONEY, TEXT, THINGS, YES
from inventory.register.states import HELD

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def letters(longest: int | None = None) -> TypeEngine[str]:
    """Text, of so many characters at most, in the order of its bytes: a server's own order depends on its language."""
    if longest is None:
        return Text().with_variant(Text(collation="C"), "postgresql")
    return String(longest).with_variant(String(longest, collation="C"), "postgresql")


TYPES: dict[str, Any] = {TEXT: letters(), DATE: Date(), MONEY: BigInteger(), COUNT: Integer(), YES: letters(3)}
NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only for INTEGER

# Things that belong to another, by the field that names it.
BELONGS = {
    ("medium", "asset"): "asset",
    ("failure", "asset"): "asset",
    ("usage", "asset"): "asset",
    ("seat", "entitlement"): "entitlement",
    ("spend", "budget"): "budget",
}
SEARCHED = {
    "asset": ("holder", "state", "site", "hostname", "serial_key", "parent"),
    "medium": ("asset",),
    "failure": ("asset",),
    "usage": ("asset",),
    "seat": ("entitlement", "holder"),
    "entitlement": ("product",),
    "event": ("ref",),
    "session": ("product",),
    "installation": ("asset", "source_run"),
    "spend": ("budget",),
}


@cache
def metadata() -> MetaData:
    """All tables."""
    found = MetaData(naming_convention=NAMING)
    for kind in THINGS:
        _thing(found, kind)
    for name, columns in PLAIN.items():
        _plain(found, name, columns)
    return found


def table(name: str) -> Table:
    """One of them."""
    return metadata().tables[name]


def _thing(found: MetaData, kind: str) -> None:
    columns: list[Any] = [Column("key", letters(120), primary_key=True)]
    columns += [Column(name, TYPES[type_]) for name, type_ in THINGS[kind].items()]
    if kind == "asset":
        columns += [Column(name, letters()) for name in ("serial_key", "uuid_key")]
        columns += [Column("live", Boolean(), nullable=False)]
    columns += [Column("voided", Boolean(), nullable=False, server_default=false())]
    made = Table(kind, found, *columns, *_constraints(kind))
    for name in SEARCHED.get(kind, ()):
        Index(None, made.c[name])
    if kind == "asset":
        for name in ("serial_key", "uuid_key"):
            only = made.c.live.is_(True) & made.c.voided.is_(False) & made.c[name].is_not(None)
            Index(f"uq_asset_live_{name}", made.c[name], unique=True, sqlite_where=only, postgresql_where=only)


def _constraints(kind: str) -> list[Any]:
    keys = [ForeignKeyConstraint([name], [f"{to}.key"]) for (of, name), to in BELONGS.items() if of == kind]
    held = ", ".join(f"'{state}'" for state in HELD)
    more = {
        "asset": [
            CheckConstraint(f"(state IN ({held})) = (holder IS NOT NULL)", "held_by_somebody"),
            CheckConstraint("state <> 'disposed' OR requested_by <> approved_by", "two_people_dispose"),
            CheckConstraint("state <> 'on_loan' OR due IS NOT NULL", "loans_end"),
        ],
        "consumable": [CheckConstraint("on_hand >= 0", "none_below_zero")],
        "exemption": [CheckConstraint("expires IS NOT NULL", "always_ends")],
        "waiver": [CheckConstraint("expires IS NOT NULL", "always_ends")],
        "seat": [CheckConstraint("quantity > 0", "some")],
    }
    return [*keys, *more.get(kind, [])]


# Plain tables: column → its type; ``*`` is of the primary key, all others are never empty but for ``?``.
PLAIN: dict[str, dict[str, str]] = {
    "event": {
        **{"number": "number*", "ref": "140", "at": "32", "actor": "text", "run": "16", "why": "text"},
        **{"before": "text?", "after": "text?", "previous": "64", "hash": "64"},
    },
    "expected": {"stocktake": "120*", "asset": "120*", "place": "text", "holder": "text"},
    "scan": {
        **{"stocktake": "120*", "number": "count*", "code": "text", "at": "32", "by": "text", "place": "text"},
        "photo": "64",
    },
    # What others say is there. The last word of a source on a thing takes the place of the one before; looks are kept.
    "source_run": {
        **{"number": "number*", "source": "20", "name": "text", "ok": "flag", "began": "32", "ended": "32"},
        **{"scopes": "text", "rows": "count", "failures": "text", "input": "64", "run": "16"},
    },
    "sighting": {
        **{"source": "20*", "ref": "300*", "source_run": "number", "name": "text", "identities": "text"},
        **{"address": "text", "seen": "32", "facts": "text"},
    },
    "kept_case": {"key": "16*", "state": "10", "body": "text"},
    "collected": {
        **{"asset": "120*", "source_run": "number", "inventoried": "day", "hardware": "text", "primary_user": "text"},
        "system": "text",
    },
    "position": {
        **{"day": "day*", "product": "text*", "metric": "text*", "scope": "text*"},
        **{"effective": "count", "required": "count", "status": "text"},
    },
    "session": {
        **{"number": "number*", "product": "text", "began": "32", "ended": "32", "site": "text"},
        "source_run": "number",
    },
    "installation": {
        **{"number": "number*", "source_run": "number", "asset": "120", "publisher": "text", "name": "text"},
        **{"version": "text", "scope": "text", "user": "text", "installed": "day?", "last_used": "day?"},
        "last_used_status": "12",
    },
}
KINDS: dict[str, Any] = {"number": NUMBER, "count": Integer(), "text": letters(), "flag": Boolean(), "day": Date()}


def _plain(found: MetaData, name: str, columns: dict[str, str]) -> None:
    keys = [ForeignKeyConstraint([of], ["stocktake.key"]) for of in columns if of == "stocktake"]
    made = Table(name, found, *(_column(*column) for column in columns.items()), *keys)
    for column in SEARCHED.get(name, ()):
        Index(None, made.c[column])


def _column(name: str, code: str) -> Column[Any]:
    word = code.rstrip("*?")
    kind = KINDS[word] if word in KINDS else letters(int(word))
    return Column(name, kind, primary_key=code.endswith("*"), nullable=code.endswith("?"))
