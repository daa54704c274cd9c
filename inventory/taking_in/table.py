"""Any table as rows of text: CSV or XLSX, told apart by what is in the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inventory.taking_in.csv_rows import open_csv
from inventory.taking_in.rows import Mistake, Options, Row, Table
from inventory.taking_in.xlsx_rows import open_xlsx
from inventory.taking_in.zip_guard import OLE
from ops import regular_file
from ops.errors import InvalidRequest

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"


def open_table(path: Path, options: Options | None = None) -> Table:
    """A table ready to be read, with what was found out about it. Raise ``InvalidRequest`` if it is none."""
    options = options or Options()
    try:
        start = starts_with(path)
        if start.startswith((ZIP, EMPTY_ZIP, OLE)):
            return open_xlsx(path, options)
        return open_csv(path, options)
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}", hint="check its name and rights") from error


def rows_of(path: Path, options: Options | None = None) -> Iterator[Row | Mistake]:
    """The rows of a table, and a mistake for each that is broken; read as they are asked for."""
    return open_table(path, options).rows()


def starts_with(path: Path, size: int = 8) -> bytes:
    """The first bytes of a file; raise ``InvalidRequest`` if it cannot be read."""
    with regular_file.opened(path, regular_file.ANY_SIZE) as file:
        return file.read(size)
