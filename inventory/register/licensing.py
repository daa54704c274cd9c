"""The register's licences as the rules of ``inventory.licence`` know them: read once, installations as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from inventory.licence.census import Census, Estate, census
from inventory.licence.model import (
    Declared,
    Device,
    Exemption,
    Hardware,
    Installation,
    ListPrice,
    Session,
    Usage,
)
from inventory.licence.recognition import Recogniser
from inventory.register.entitling import catalogue, entitlement_of, seat_of
from inventory.register.fields import stored
from inventory.register.states import COMPUTERS, USABLE
from inventory.register.tables import table

if TYPE_CHECKING:
    from inventory.register.store import Snapshot


def estate(seen: Snapshot, on: date) -> Estate:
    """All but the installations."""
    products = seen.products
    lines = (entitlement_of(ref.partition(":")[2], fields, products) for ref, fields in seen.every("entitlement"))
    exempt = (
        Exemption(one["product"], one["holder"], one["why"], one["approved_by"], date.fromisoformat(one["expires"]))
        for one in seen.find("exemption").values()
    )
    hardware, users, read_on = _collected(seen)
    return Estate(
        on,
        products,
        dict(_devices(seen, read_on, users)),
        tuple(lines),
        tuple(seat_of(fields) for _, fields in seen.every("seat")),
        tuple(exempt),
        hardware,
        _usage(seen),
        {},
        {
            one["product"]: Declared(int(one["quantity"]), one["source"], date.fromisoformat(one["counted_on"]))
            for one in seen.find("declared").values()
        },
        {},
        {
            one["product"]: ListPrice(
                stored("price", "amount", one["amount"], one["currency"]), one["currency"], int(one.get("pack", "1"))
            )
            for one in seen.find("price").values()
        },
    )


def _devices(seen: Snapshot, read_on: Mapping[str, date], users: Mapping[str, str]) -> Iterator[tuple[str, Device]]:
    from sqlalchemy import select

    made = table("asset")
    asked = select(made.c.key, made.c.site, made.c.state, made.c.kind, made.c.holder).where(made.c.voided.is_(False))
    for row in seen.rows(asked.where(made.c.kind.in_(COMPUTERS)).order_by(made.c.key)):
        holder = row.holder or ""
        user = users.get(row.key) or (holder.removeprefix("person:") if holder.startswith("person:") else "")
        portable = row.kind in ("laptop", "tablet")
        live = row.state in USABLE
        yield row.key, Device(row.key, row.site or "", live, read_on.get(row.key), user, portable)


def _collected(seen: Snapshot) -> tuple[dict[str, Hardware], dict[str, str], dict[str, date]]:
    from sqlalchemy import select

    hardware, users, read_on = {}, {}, {}
    for row in seen.rows(select(table("collected"))):
        known = json.loads(row.hardware)
        hardware[row.asset] = Hardware(tuple(known.get("cpus", ())), known.get("vcores", 0), known.get("host", ""))
        users[row.asset] = row.primary_user
        read_on[row.asset] = row.inventoried
    return hardware, users, read_on


def _usage(seen: Snapshot) -> dict[str, Usage]:
    from sqlalchemy import select

    made = table("session")
    found: dict[str, list[Session]] = {}
    for row in seen.rows(select(made).order_by(made.c.number)):
        end = datetime.fromisoformat(row.ended) if row.ended else None
        found.setdefault(row.product, []).append(Session(datetime.fromisoformat(row.began), end, row.site))
    return {
        product: Usage((min(s.start for s in some), max(s.end or s.start for s in some)), tuple(some))
        for product, some in found.items()
    }


def installations(seen: Snapshot) -> Iterator[Installation]:
    """Every installation as it was found last, one at a time."""
    from sqlalchemy import select

    made = table("installation")
    names = ("asset", "publisher", "name", "version", "scope", "user", "last_used", "last_used_status")
    for row in seen.rows(select(*(made.c[one] for one in names)).order_by(made.c.number)):
        yield Installation._make(row)


def counted(seen: Snapshot, on: date) -> tuple[Estate, Census]:
    """The estate and one pass over all installations."""
    found = estate(seen, on)
    return found, census(installations(seen), Recogniser(catalogue(seen.own)), found)
