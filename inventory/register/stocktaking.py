"""Stock-taking on disk: the frozen list is written with the opening, scans are added until it is closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from inventory.register.fields import Fields
from inventory.register.stocktake import Count, Expected, Scan, asked_for, codes, expected_of, fingerprint
from inventory.register.tables import table
from ops.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from inventory.register.store import Pen, Snapshot

LONGEST = 200  # characters of a code


def freeze(pen: Pen, key: str, fields: Fields) -> None:
    """Write down what should be found; raise ``Conflict`` if something moved since the plan was made."""
    asked = asked_for(fields.get("site", ""), fields.get("location", ""))
    listed = expected_of(pen.find("asset", **asked), bool(fields.get("location")))
    if fingerprint(listed) != fields.get("snapshot"):
        raise Conflict("something was moved while the list was made", hint="plan again")
    if listed:
        rows = [{"stocktake": key, **one._asdict()} for one in listed]
        pen.connection.execute(insert(table("expected")), rows)


def forget(pen: Pen, key: str) -> None:
    """Take the list back with an opening that was a mistake; what was scanned is not thrown away."""
    if counted(pen, key).scans:
        raise Refused(f"{key} has scans, and cannot be taken back", hint=f"ops stocktake close {key}")
    listed = table("expected")
    pen.connection.execute(delete(listed).where(listed.c.stocktake == key))


def unchanged(pen: Pen, key: str, fields: Fields) -> None:
    """Raise ``Conflict`` if more was scanned since the closing was planned."""
    if fingerprint(counted(pen, key).scans) != fields.get("result"):
        raise Conflict("more was scanned while it was being closed", hint="close it again")


def counted(seen: Snapshot, key: str) -> Count:
    """The list and the scans."""
    listed, scanned = table("expected"), table("scan")
    wanted = select(listed).where(listed.c.stocktake == key).order_by(listed.c.asset)
    read = select(scanned).where(scanned.c.stocktake == key).order_by(scanned.c.number)
    return Count(
        [Expected(row.asset, row.place, row.holder) for row in seen.rows(wanted)],
        [Scan(row.number, row.code, row.at, row.by, row.place, row.photo) for row in seen.rows(read)],
    )


def scanned(pen: Pen, key: str, codes: Iterable[tuple[str, str, str, str]], by: str) -> list[Scan]:
    """Add codes that were read: (code, place, moment or empty, SHA-256 of a photo or empty)."""
    found = pen.read(f"stocktake:{key}")
    if found is None:
        raise NotFound(f"there is no stock-take {key}", hint="ops stocktake show lists them; ops stocktake open")
    if found.get("closed"):
        raise Refused(f"stock-take {key} is closed", hint=f"open another one: --supersedes {key}")
    made = table("scan")
    asked = select(func.max(made.c.number)).where(made.c.stocktake == key)
    number = pen.connection.execute(asked).scalar() or 0
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = [
        Scan(number + n, code[:LONGEST], at or now, by, place, photo)
        for n, (code, place, at, photo) in enumerate(codes, 1)
    ]
    if rows:
        pen.connection.execute(insert(made), [{"stocktake": key, **row._asdict()} for row in rows])
    return rows


def known(seen: Snapshot) -> Mapping[str, str]:
    """What a scanner may read → tag, of all assets there ever were."""
    made = table("asset")
    asked = select(made.c.key, made.c.serial).where(made.c.voided.is_(False))
    return codes((row.key, {"serial": row.serial or ""}) for row in seen.rows(asked.order_by(made.c.key)))
