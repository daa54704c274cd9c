"""Rows out of CSV, line by line: memory does not grow with the file, and one broken row costs one row."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from inventory.taking_in.encodings import Encoding, encoding_of
from inventory.taking_in.rows import Mistake, Options, Row, Table, columns_of, row_of
from ops.errors import InvalidRequest

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
LONGEST_LINE = 1 << 20  # characters
LONGEST_RECORD = 1 << 16  # characters of one row, line breaks in quotes included
MOST_LINES = 100  # of one row; a quotation mark that is still open then was never meant to be
NEVER_CLOSED = "a quotation mark is opened and never closed"
SWALLOWS = "a quoted cell has whole rows in it; is its quotation mark closed?"
WIDE = 4  # columns; a line of a note easily has as many commas as a narrower row
OPEN = "unexpected end of data"  # csv's words for a quotation mark that is not closed


def open_csv(path: Path, options: Options) -> Table:
    """A CSV file ready to be read. Raise ``InvalidRequest`` if it has no header, or lines no table has."""
    encoding = encoding_of(path, options.encoding)
    with _text(path, encoding) as file:
        delimiter, how, start = _header(_Lines(file), options.delimiter, path.name)
    columns = columns_of(start.cells, path.name)

    def rows() -> Iterator[Row | Mistake]:
        with _text(path, encoding) as file:
            lines = _Lines(file)
            for _ in range(start.lines):
                lines.take()
            yield from _rows(lines, delimiter, columns)

    said = (f"CSV, {encoding.said}", f"columns parted by {DELIMITERS[delimiter]}, {how}")
    return Table(path, columns, said, rows)


@dataclass(frozen=True)
class _Start:
    """The header's cells, and how many lines of the file it ends after."""

    cells: Sequence[str]
    lines: int


@dataclass(frozen=True)
class _Record:
    """One row as read: the number of its first line, its cells, or why there are none."""

    number: int
    cells: Sequence[str] = ()
    why: str = ""
    text: str = field(default="", repr=False)  # its first line
    rest: Sequence[str] = field(default=(), repr=False)  # its lines after the first


class _Lines:
    """The lines of a file with their numbers. Lines that were taken too early can be given back."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._back = file, deque[str]()
        self.number = 0  # of the line taken last

    def take(self) -> str:
        """The next line with its end, empty text after the last."""
        line = self._back.popleft() if self._back else self._file.readline(LONGEST_LINE)
        if len(line) >= LONGEST_LINE:
            raise InvalidRequest(f"line {self.number + 1} has more than a million characters", hint="is it a table?")
        self.number += bool(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        """Have them taken again, in the same order."""
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)


def _text(path: Path, encoding: Encoding) -> IO[str]:
    raw = path.open("rb")
    raw.seek(encoding.mark)
    # Strictness is in row_of, where the row is known: a broken byte is replaced here and refused there.
    return io.TextIOWrapper(raw, encoding.name, errors="replace", newline="")


def _header(lines: _Lines, wanted: str, source: str) -> tuple[str, str, _Start]:
    """The delimiter, how it was found, and the header."""
    line = lines.take()
    how, delimiter = "as asked", {"tab": "\t", "comma": ",", "semicolon": ";"}.get(wanted, wanted)
    if line.casefold().startswith("sep=") and len(line.strip("\r\n")) == 5:  # Excel's own line
        delimiter, how = delimiter or line[4], how if delimiter else "as its first line says"
        line = lines.take()
    while line and not line.strip():
        line = lines.take()
    if not line:
        raise InvalidRequest(f"{source} is empty", hint="name the columns in the first row")
    if not delimiter:
        delimiter, how = max(DELIMITERS, key=lambda one: len(next(csv.reader([line], delimiter=one)))), "by the header"
    if delimiter not in DELIMITERS:
        raise InvalidRequest(f"{delimiter!r} parts no columns", hint="choose comma, semicolon or tab")
    lines.give_back([line])
    record = _record(lines, delimiter)
    if record is None or record.why:
        raise InvalidRequest(f"{source}: the header cannot be read", hint="close its quotation marks")
    return delimiter, how, _Start(record.cells, lines.number)


def _rows(lines: _Lines, delimiter: str, columns: Sequence[str]) -> Iterator[Row | Mistake]:
    while record := _record(lines, delimiter):
        found: Row | Mistake | None
        if record.why or _swallows(record.cells, delimiter, len(columns)):
            found = Mistake(record.number, record.why or SWALLOWS, record.text.strip())
        else:
            found = row_of(record.number, record.cells, columns)
        if isinstance(found, Mistake):
            # Only its first line is blamed: what follows an open quotation mark is other rows.
            lines.give_back(record.rest)
        if found is not None:
            yield found


def _swallows(cells: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether a cell of several lines has whole rows in it: its quotation mark was closed by another row's."""
    return width >= WIDE and any(
        line.count(delimiter) >= width - 1 for cell in cells if "\n" in cell for line in cell.splitlines()[1:-1]
    )


def _record(lines: _Lines, delimiter: str) -> _Record | None:
    """The next row, over as many lines as its quotation marks say, ``None`` at the end."""
    held = [lines.take()]
    number = lines.number
    if not held[0]:
        return None
    while True:
        try:
            cells = next(csv.reader(held, delimiter=delimiter, strict=True), [])
            return _Record(number, cells, text=held[0], rest=held[1:])
        except csv.Error as error:
            if str(error) != OPEN:
                why = NEVER_CLOSED if len(held) > 1 else _why(error)
                return _Record(number, why=why, text=held[0], rest=held[1:])
            if not _more(lines, held):
                return _Record(number, why=NEVER_CLOSED, text=held[0], rest=held[1:])


def _more(lines: _Lines, held: list[str]) -> bool:
    """Add lines up to the next that can close the quotation mark; false if none does in time."""
    length = sum(map(len, held))
    while len(held) < MOST_LINES and length < LONGEST_RECORD and (line := lines.take()):
        held.append(line)
        length += len(line)
        if line.count('"') % 2:
            return True
    return False


def _why(error: csv.Error) -> str:
    if "expected after" in str(error):
        return "a quotation mark stands inside a quoted cell; write it twice"
    if "field larger" in str(error):
        return "a cell is longer than 131,072 characters"
    return f"the row cannot be read as CSV: {error}"
