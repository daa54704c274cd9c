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

from inventory.register.fields import COUNT, DATE, MONEY, TEXT, THINGS, YES
from inventory.register.states import HELD

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
TYPES: dict[str, Any] = {TEXT: Text(), DATE: Date(), MONEY: BigInteger(), COUNT: Integer(), YES: String(3)}
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
    "spend": ("budget",),
}


@cache
def metadata() -> MetaData:
    """All tables."""
    found = MetaData(naming_convention=NAMING)
    for kind in THINGS:
        _thing(found, kind)
    _events(found)
    _stocktakes(found)
    _observed(found)
    return found


def table(name: str) -> Table:
    """One of them."""
    return metadata().tables[name]


def _thing(found: MetaData, kind: str) -> None:
    columns: list[Any] = [Column("key", String(120), primary_key=True)]
    columns += [Column(name, TYPES[type_]) for name, type_ in THINGS[kind].items()]
    if kind == "asset":
        columns += [Column(name, Text()) for name in ("serial_key", "uuid_key")]
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


def _events(found: MetaData) -> None:
    event = Table(
        "event",
        found,
        Column("number", NUMBER, primary_key=True),
        Column("ref", String(140), nullable=False),
        Column("at", String(32), nullable=False),
        Column("actor", Text(), nullable=False),
        Column("run", String(16), nullable=False),
        Column("why", Text(), nullable=False),
        Column("before", Text()),
        Column("after", Text()),
        Column("previous", String(64), nullable=False),
        Column("hash", String(64), nullable=False),
    )
    Index(None, event.c.ref)


def _stocktakes(found: MetaData) -> None:
    Table(
        "expected",
        found,
        Column("stocktake", String(120), primary_key=True),
        Column("asset", String(120), primary_key=True),
        Column("place", Text(), nullable=False),
        Column("holder", Text(), nullable=False),
        ForeignKeyConstraint(["stocktake"], ["stocktake.key"]),
    )
    Table(
        "scan",
        found,
        Column("stocktake", String(120), primary_key=True),
        Column("number", Integer(), primary_key=True),
        Column("code", Text(), nullable=False),
        Column("at", String(32), nullable=False),
        Column("by", Text(), nullable=False),
        Column("place", Text(), nullable=False),
        Column("photo", String(64), nullable=False),
        ForeignKeyConstraint(["stocktake"], ["stocktake.key"]),
    )


def _observed(found: MetaData) -> None:
    """What others say is there. These rows are replaced by the next look; the look itself is kept."""
    Table(
        "source_run",
        found,
        Column("number", NUMBER, primary_key=True),
        Column("source", String(20), nullable=False),
        Column("name", Text(), nullable=False),
        Column("ok", Boolean(), nullable=False),
        Column("began", String(32), nullable=False),
        Column("ended", String(32), nullable=False),
        Column("scopes", Text(), nullable=False),
        Column("rows", Integer(), nullable=False),
        Column("failures", Text(), nullable=False),
        Column("input", String(64), nullable=False),
        Column("run", String(16), nullable=False),
    )
    Table(
        "sighting",
        found,
        Column("source", String(20), primary_key=True),
        Column("ref", String(300), primary_key=True),
        Column("source_run", NUMBER, nullable=False),
        Column("name", Text(), nullable=False),
        Column("identities", Text(), nullable=False),
        Column("address", Text(), nullable=False),
        Column("seen", String(32), nullable=False),
        Column("facts", Text(), nullable=False),
    )
    Table(
        "kept_case",
        found,
        Column("key", String(16), primary_key=True),
        Column("state", String(10), nullable=False),
        Column("body", Text(), nullable=False),
    )
    Table(
        "collected",
        found,
        Column("asset", String(120), primary_key=True),
        Column("source_run", NUMBER, nullable=False),
        Column("inventoried", Date(), nullable=False),
        Column("hardware", Text(), nullable=False),
        Column("primary_user", Text(), nullable=False),
        Column("system", Text(), nullable=False),
    )
    Table(
        "position",
        found,
        Column("day", Date(), primary_key=True),
        *(Column(name, Text(), primary_key=True) for name in ("product", "metric", "scope")),
        Column("effective", Integer(), nullable=False),
        Column("required", Integer(), nullable=False),
        Column("status", Text(), nullable=False),
    )
    use = Table(
        "session",
        found,
        Column("number", NUMBER, primary_key=True),
        Column("product", Text(), nullable=False),
        Column("began", String(32), nullable=False),
        Column("ended", String(32), nullable=False),
        Column("site", Text(), nullable=False),
        Column("source_run", NUMBER, nullable=False),
    )
    Index(None, use.c.product)
    installation = Table(
        "installation",
        found,
        Column("number", NUMBER, primary_key=True),
        Column("source_run", NUMBER, nullable=False),
        Column("asset", String(120), nullable=False),
        *(Column(name, Text(), nullable=False) for name in ("publisher", "name", "version", "scope", "user")),
        Column("installed", Date()),
        Column("last_used", Date()),
        Column("last_used_status", String(12), nullable=False),
    )
    Index(None, installation.c.asset)
    Index(None, installation.c.source_run)
