"""A small report with one of everything, for the tests of workbooks, and ways to look into what was written."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
from lxml import etree

from inventory.report.appendix import Definition, Source, definitions, provenance, sources
from inventory.report.book import STANDARD, write
from inventory.report.money import money
from inventory.report.parts import Chart, Column, Light, Link, Summary, Table, Tile, Workbook
from inventory.report.template import Template

AS_OF = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
VERDICTS = ("found", "missing", "new")
BOUGHT, DUE = date(2024, 2, 1), date(2026, 11, 10)
REGISTER = (
    Column("Tag", "id"),
    Column("Kind", choices=("laptop", "server")),
    Column("Holder", "link"),
    Column("Verdict", "verdict", meaning={"missing": "FAIL", "found": "PASS"}),
    Column("Cost", "money", total=True),
    Column("Units", "integer", total=True),
    Column("Load", "percent", places=1, bar=True),
    Column("Score", "decimal"),
    Column("Bought", "date"),
    Column("Due", "due"),
    Column("Seen", "datetime"),
    Column("Notes", "note"),
)


def register(count: int = 30) -> Iterator[Sequence[object]]:
    """Rows of all kinds; every seventh has no cost."""
    for n in range(1, count + 1):
        cost = money(f"{n}.25", ("EUR", "USD")[n % 2]) if n % 7 else None
        yield (
            *(f"{n:05d}", ("laptop", "server")[n % 2], Link(f"Person {n}", "custody"), VERDICTS[n % 3]),
            *(cost, n * 1000, n / 200, Decimal(n) / 3),
            *(BOUGHT + timedelta(n), DUE + timedelta(n), AS_OF - timedelta(hours=n), f"note {n}"),
        )


def summary() -> Summary:
    """A full first page."""
    return Summary(
        "All sites",
        tiles=(
            Tile("Devices", 990, before=985),
            Tile("Matched", 0.963, "percent", before=0.97, verdict="WARN"),
            Tile("Value", money("10.50", "EUR"), "money", before=money("12.00", "USD")),
            Tile("Overdue", None),
        ),
        lights=(
            Light("Stock-take", "FAIL", "Two were not found.", "Amy Ng"),
            Light("Backups", "UNKNOWN", "No test."),
        ),
        decisions=("Approve the write-off.",),
        not_covered=("Phones.",),
        charts=(
            Chart("bar", "By kind", "Laptops 8, servers 3.", "kinds", "Kind", ("In use", "Missing")),
            Chart("line", "Value by kind", "8 and 3 euros.", "kinds", "Kind", ("Value",)),
        ),
    )


def kinds() -> Table:
    """What the charts show."""
    columns = (Column("Kind"), Column("In use", "integer"), Column("Missing", "integer"), Column("Value", "money"))
    rows = [("laptop", 8, 1, money("8.00", "EUR")), ("server", 3, None, money("3.00", "EUR"))]
    return Table("kinds", "By kind", columns, rows)


def report(*, first: Summary | None = None, rows: int = 30, more: Sequence[Table] = ()) -> Workbook:
    """A report with summary, register, an empty table and the three last sheets."""
    parts = (
        first or summary(),
        Table("register", "Register", REGISTER, lambda: register(rows), note="Cost without tax."),
        kinds(),
        Table("custody", "Custody", (Column("Holder"), Column("Units", "integer", total=True)), []),
        *more,
        definitions([Definition("Matched", "Share of devices known", "matched / seen", "match")]),
        sources([Source("directory", True, AS_OF, 1.0, 0.99, 2), Source("leases", None), Source("switches", False)]),
        provenance({"Command": "ops report"}),
    )
    return Workbook("Assets", "Example Ltd", AS_OF, "ev-1", "Internal & secret", "Amy Ng", parts)


def one_column(values: Sequence[object], kind: str = "text", **options: Any) -> Workbook:
    """A report that is nothing but one column."""
    table = Table("t", "T", (Column("Value", kind, **options),), [(value,) for value in values])
    return Workbook("T", "S", AS_OF, "e", "c", "p", [table])


def made(workbook: Workbook, template: Template = STANDARD) -> bytes:
    """The workbook's bytes."""
    out = io.BytesIO()
    write(workbook, out, template)
    return out.getvalue()


def opened(content: bytes) -> Any:
    """Read again by openpyxl, fully."""
    return openpyxl.load_workbook(io.BytesIO(content))


def part(content: bytes, name: str) -> Any:
    """One part's XML tree."""
    return etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read(name))


def parts(content: bytes) -> list[str]:
    """The names of all parts."""
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def png(width: int = 30, height: int = 10) -> bytes:
    """A red picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(b"".join(b"\0" + b"\xc8\x3c\x28" * width for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
