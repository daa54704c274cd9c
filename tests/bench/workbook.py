"""The whole workbook on a hundred thousand assets, beside the bare table of its register by three other writers."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from inventory.register.tables import table
from inventory.report import making
from inventory.report.book import STANDARD, release, write
from inventory.report.inputs import Inputs
from inventory.report.values import typed
from tests.bench.acts import ANY, act, beside, carry_out, in_turns
from tests.bench.estate import ASSETS, ROUNDS, filled, register
from tests.bench.firm import AT
from tests.bench.stage import Figure

MOST, ROOM, SOFTWARE = 2.0, 150, 100_000  # times the bare table; MiB; installations, which it does not look at
INPUTS = Inputs("assets", AT, "BENCH001", responsible="amy.ng")


def whole(path: str, out: str) -> str:
    """Every sheet of ``ops report assets``, written."""
    with register(path).reading() as seen:
        counts = write(making.build(seen, INPUTS), Path(out))
    return f"{sum(one.rows for one in counts.values())} rows"


def released(path: str, out: str) -> str:
    """The same, read back and compared with the register before the file gets its name."""
    with register(path).reading() as seen:
        counts = release(making.build(seen, INPUTS), Path(out), STANDARD, making.expected(seen, INPUTS))
    return f"{sum(one.rows for one in counts.values())} rows"


def bare(path: str, out: str) -> str:
    """The register's table alone, by openpyxl as it streams, without any style."""
    from openpyxl import Workbook as Book

    book = Book(write_only=True)
    sheet = book.create_sheet("Register")
    sheet.append(TITLES)
    for row in _rows(path):
        sheet.append(row)
    book.save(out)
    return "bare"


def by_xlsxwriter(path: str, out: str) -> str:
    """The same table by XlsxWriter in constant memory."""
    import xlsxwriter

    with xlsxwriter.Workbook(out, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Register")
        sheet.write_row(0, 0, TITLES)
        for number, row in enumerate(_rows(path), 1):
            sheet.write_row(number, 0, row)
    return "bare"


def by_pandas(path: str, out: str) -> str:
    """The same table by ``DataFrame.to_excel``."""
    import pandas

    pandas.DataFrame(_rows(path), columns=TITLES).to_excel(out, index=False, engine="openpyxl")
    return "bare"


def all_by_pandas(path: str, out: str) -> str:
    """Every sheet of ours by pandas: the values are made by us, the frames and the file by it."""
    import pandas

    with register(path).reading() as seen, pandas.ExcelWriter(out, engine="openpyxl") as book:
        for one in making.build(seen, INPUTS).tables:
            rows = ([_bare(value) for value in row] for row in typed(one))
            titles = [column.title for column in one.columns]
            pandas.DataFrame(rows, columns=titles).to_excel(book, sheet_name=one.title, index=False)
    return "all"


def _bare(value: Any) -> Any:
    value = getattr(value, "amount", getattr(value, "text", value))
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


TITLES = (
    *("key", "kind", "model", "serial", "state", "site", "location", "department", "owner", "holder", "purchased"),
    *("cost", "salvage", "warranty_until"),
)


def _rows(path: str) -> Iterator[list[Any]]:
    """As many columns as our register has, straight from the database."""
    made = table("asset")
    with create_engine(f"sqlite:///{path}").connect() as connection:
        asked = select(*(made.c[name] for name in TITLES)).order_by(made.c.key)
        yield from map(list, connection.execution_options(yield_per=2000).execute(asked))


def compared(path: Path, folder: Path) -> list[Figure]:
    """All writers in turns."""
    names = ("whole", "released", "bare", "by_xlsxwriter", "by_pandas", "all_by_pandas")
    numbers = iter(range(1_000))
    acts = [
        lambda name=name: act("tests.bench.workbook", name, str(path), str(folder / f"{next(numbers)}.xlsx"))
        for name in names
    ]
    ours, checked, plain, other, pandas, frames = in_turns(ROUNDS, *acts)
    what, most = f"whole workbook, {ASSETS:,} assets", max(one.memory for one in ours)
    room = Figure(
        "its memory",
        f"{most} MiB",
        f"pandas {pandas[0].memory} MiB",
        most / pandas[0].memory,
        "at most 150 MiB",
        most <= ROOM,
    )
    return [
        beside(what, ours, plain, "openpyxl, register alone", MOST),
        beside("the same", ours, frames, "pandas, the same sheets", 1.0),
        beside("the same", ours, pandas, "pandas, register alone", ANY),
        beside("the same", ours, other, "XlsxWriter, register alone", ANY),
        beside("read back and compared too", checked, plain, "openpyxl, register alone", ANY),
        room,
    ]


def main() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return compared(filled(Path(folder), ASSETS, SOFTWARE), Path(folder))


ACTS = {one.__name__: one for one in (whole, released, bare, by_xlsxwriter, by_pandas, all_by_pandas)}

if __name__ == "__main__":
    carry_out(ACTS, sys.argv[1:])
