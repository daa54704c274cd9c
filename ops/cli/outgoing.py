"""The register as a file that can be edited and taken in again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from inventory.register.fields import COUNT, DATE, MONEY, THINGS, Fields
from inventory.register.search import found
from inventory.register.store import Snapshot
from inventory.report import book, plain
from inventory.report.parts import Column, Table, Workbook
from ops.cli.keeping import narrowed, written
from ops.cli.site import Site
from ops.errors import InvalidRequest

FORMATS = {".csv": "csv", ".xlsx": "xlsx", ".json": "json", ".yaml": "ansible", ".yml": "ansible"}
KINDS = {DATE: "date", COUNT: "integer", MONEY: "decimal"}
NAMES = ("tag", *THINGS["asset"])


def export(site: Site, out: Path, narrow: dict[str, str]) -> tuple[int, list[str]]:
    """Write the assets; how many, and what could not be said in that format."""
    kind = FORMATS.get(out.suffix.lower())
    if kind is None:
        raise InvalidRequest(f"{out.name} does not tell its format", hint=f"end it with one of {', '.join(FORMATS)}")
    if out.exists():
        raise InvalidRequest(f"{out} is there already", hint="choose another name, or remove it")
    with site.register.reading() as seen:
        number = sum(1 for _ in _rows(seen, narrow))
        left_out = _written(seen, out, kind, narrow, site.identity.name)
    return number, left_out


def _rows(seen: Snapshot, narrow: dict[str, str]) -> Iterator[tuple[str, Fields]]:
    return found(seen, "", **narrowed(narrow))


def _written(seen: Snapshot, out: Path, kind: str, narrow: dict[str, str], by: str) -> list[str]:
    if kind == "ansible":
        from inventory.taking_in.ansible import export_ansible

        told = export_ansible({"tag": tag, **one} for tag, one in _rows(seen, narrow))
        written(out, told.text)
        return list(told.left_out)
    if kind == "json":
        assets = [{"tag": tag, **one} for tag, one in _rows(seen, narrow)]
        written(out, json.dumps({"shape": "assets/1", "assets": assets}, ensure_ascii=False, indent=1) + "\n")
        return []
    table = Table("register", "Register", _columns(), lambda: _cells(seen, narrow))
    if kind == "csv":
        written(out, plain.csv_text(table, bom=True))
    else:
        head = seen.head()[1][:16]
        now = datetime.now(UTC).replace(microsecond=0)
        book.release(Workbook("Register", "All assets", now, head, "internal", by, (table,)), out)
    return []


def _columns() -> list[Column]:
    types = THINGS["asset"]
    return [Column(name, KINDS.get(types.get(name, ""), "id" if name == "tag" else "text")) for name in NAMES]


def _cells(seen: Snapshot, narrow: dict[str, str]) -> Iterator[list[Any]]:
    types = THINGS["asset"]
    for tag, one in _rows(seen, narrow):
        values = chain([("tag", tag)], ((name, one.get(name, "")) for name in NAMES[1:]))
        yield [int(text) if text and types.get(name) == COUNT else text for name, text in values]
