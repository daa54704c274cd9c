"""Opening a workbook through openpyxl without reading its sheets: that is for who asks for their rows."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.errors import InvalidRequest

# What openpyxl lets through of XML that is not as it should be; the parsers' own errors are kinds of SyntaxError.
DAMAGE = (SyntaxError, ValueError, KeyError, IndexError, TypeError, AttributeError)
AGAIN = "open it, save it, try again"


@contextmanager
def opened(path: Path, shown: bool) -> Iterator[Any]:
    """A workbook to be read row by row, closed again afterwards.

    ``shown``: what formulas showed when the file was saved, instead of the formulas. Raise ``InvalidRequest`` for a
    damaged one.
    """
    from openpyxl.utils.exceptions import InvalidFileException

    with path.open("rb") as file:  # openpyxl leaves a file open that it cannot read
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of extensions it does not know, which cannot matter here
                book = _read(file, shown)
        except (InvalidFileException, *DAMAGE) as error:
            raise InvalidRequest(f"{path.name} is a damaged workbook", hint=AGAIN) from error
        yield book


def _read(file: Any, shown: bool) -> Any:
    """openpyxl's own reader reads every sheet without a stated size to its end only to find that size."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    class Sheet(ReadOnlyWorksheet):
        def _get_size(self) -> None:
            """What a file says of its own size is not to be believed either."""

    class Reader(ExcelReader):
        def read_worksheets(self) -> None:
            book: Any = self.wb
            for sheet, relation in self.parser.find_sheets():
                if relation.target in self.valid_files and "chartsheet" not in relation.Type:
                    found: Any = Sheet(book, sheet.name, relation.target, self.shared_strings)
                    found.sheet_state = sheet.state
                    book._sheets.append(found)

    reader: Any = Reader(file, read_only=True, data_only=shown, keep_links=False)
    reader.read()
    return reader.wb


def rows_of_sheet(sheet: Any, source: str) -> Iterator[Any]:
    """The rows of a sheet as openpyxl's cells; raise ``InvalidRequest`` where the sheet is damaged."""
    rows = sheet.iter_rows()
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of a date outside the calendar, which reads as an error
                row = next(rows)
        except StopIteration:
            return
        except DAMAGE as error:
            raise InvalidRequest(f"{source} is a damaged workbook", hint=AGAIN) from error
        yield row
