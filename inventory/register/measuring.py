"""Sessions of a product, measured elsewhere: read from a file, so that its peak can be set against what is owned."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from inventory.register.fields import Fields
from ops import regular_file
from ops.errors import Conflict, InvalidRequest

if TYPE_CHECKING:
    from inventory.register.store import Pen

MOST = 5_000_000  # sessions of one file
HEAD = ("start", "end", "site")
LARGEST = 256 << 20  # bytes of a list of sessions


class Row(NamedTuple):
    """One session; ``ended`` is empty where it is still open."""

    began: str
    ended: str
    site: str


def read(file: str) -> tuple[list[Row], str]:
    """The sessions of a CSV with columns start, end and perhaps site, and its SHA-256; ISO 8601, UTC without a zone."""
    path = Path(file).expanduser()
    octets = regular_file.content(path, LARGEST)
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not text in UTF-8", hint="a CSV with columns start,end,site") from error
    reader = csv.DictReader(text.splitlines())
    names = {name.strip().lower() for name in reader.fieldnames or ()}
    if not {"start", "end"} <= names or names - set(HEAD):
        raise InvalidRequest(f"{path}: its first line is not start,end,site", hint="site may be left out")
    return list(_rows(path, reader)), hashlib.sha256(octets).hexdigest()


def _rows(path: Path, reader: csv.DictReader[str]) -> Iterator[Row]:
    for number, raw in enumerate(reader, 2):
        cells = {str(name).strip().lower(): (value or "").strip() for name, value in raw.items() if name}
        if number > MOST:
            raise InvalidRequest(f"{path} has more than {MOST} sessions", hint="give the last months only")
        began, ended = _moment(path, number, cells["start"]), _moment(path, number, cells["end"])
        if not began or (ended and ended < began):
            raise InvalidRequest(f"{path} line {number}: a session ends after it starts", hint="correct that line")
        yield Row(began, ended, cells.get("site", ""))


def _moment(path: Path, number: int, text: str) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        hint = "write it as 2026-11-25T09:00:00"
        raise InvalidRequest(f"{path} line {number}: {text[:40]!r} is no time", hint=hint) from None
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()


def entry(product: str, file: str) -> Fields:
    """The entry of a measurement; raise ``InvalidRequest`` for a file without sessions."""
    rows, digest = read(file)
    if not rows:
        raise InvalidRequest(f"{file} has no session in it", hint="one line each below start,end,site")
    last = max(row.ended or row.began for row in rows)
    return {
        **{"product": product, "file": file, "sha256": digest, "sessions": str(len(rows))},
        **{"first_day": min(row.began for row in rows)[:10], "last_day": last[:10]},
    }


def along(pen: Pen, before: Fields | None, after: Fields | None) -> None:
    """Take the sessions in with their entry, in the place of those before; or out with it."""
    from sqlalchemy import delete, insert

    from inventory.register.tables import table

    made, product = table("session"), (after or before or {}).get("product", "")
    pen.connection.execute(delete(made).where(made.c.product == product))
    if after is None:
        return
    rows, digest = read(after["file"])
    if digest != after["sha256"]:
        raise Conflict(f"{after['file']} was changed since the plan was made", hint="plan again")
    values = [{"product": product, "source_run": 0, **row._asdict()} for row in rows]
    pen.connection.execute(insert(made), values)
