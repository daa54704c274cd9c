"""What a reader hands on: rows of text by column, and mistakes that name their place; no file format is known here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inventory.report.text import undefused
from ops.errors import InvalidRequest

MOST_COLUMNS = 500
MOST_MISTAKES = 1000  # more of them, and it is the wrong file rather than a file with mistakes
LONGEST_SHOWN = 60  # characters of a cell in a message
REPLACED = "\ufffd"


@dataclass(frozen=True)
class Row:
    """One row: its number (of the line in text, of the row in a sheet, both from 1) and its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Mistake:
    """One thing that could not be taken: where, why, what was found and what was expected."""

    number: int
    why: str
    cell: str = ""
    column: str = ""
    expected: str = ""
    file: str = ""

    def __str__(self) -> str:
        place = [f"line {self.number}"] if self.number else []
        place += [self.column] if self.column else []
        found = f", found {shown(self.cell)}" if self.cell else ""
        expected = f", expected {self.expected}" if self.expected else ""
        where = " ".join(part for part in (self.file, ", ".join(place)) if part)
        return f"{where}: {self.why}{found}{expected}"


@dataclass(frozen=True)
class Taken:
    """One thing as it can be registered: fields in the register's words, and what a person should know about it.

    ``states`` are those that the file's word for its state can stand for, its own first.
    """

    number: int
    fields: Mapping[str, str]
    notices: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """What the person who gives the file says about it; empty text means: look for yourself."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Table:
    """An opened table: its columns, how it was read (``said``), and its rows, which can be read again and again."""

    path: Path
    columns: tuple[str, ...]
    said: tuple[str, ...]
    reading: Callable[[], Iterator[Row | Mistake]] = field(repr=False)

    def rows(self) -> Iterator[Row | Mistake]:
        """Rows and mistakes in the file's order, read as they are asked for.

        Raise ``InvalidRequest`` after a thousand mistakes.
        """
        mistakes = 0
        for each in self.reading():
            mistakes += isinstance(each, Mistake)
            if mistakes > MOST_MISTAKES:
                raise InvalidRequest(
                    f"{self.path.name} has more than {MOST_MISTAKES} broken rows", hint="is it the right file?"
                )
            yield each


def shown(text: str) -> str:
    """A cell as it may stand in a message: short, in one line, in quotes, with nothing invisible in it."""
    short = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
    return f"'{short}'" if short.isprintable() else ascii(short)


def columns_of(header: Sequence[str], source: str) -> tuple[str, ...]:
    """The names of a table's columns. A name that comes again is called ``Name (2)``, so that it can be mapped.

    Raise ``InvalidRequest`` for a header that names nothing or leaves a gap.
    """
    names = [" ".join(name.split()) for name in header]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise InvalidRequest(f"{source} has no header", hint="name the columns in the first row")
    if len(names) > MOST_COLUMNS:
        raise InvalidRequest(f"{source} has more than {MOST_COLUMNS} columns", hint="keep those that are needed")
    if "" in names:
        number = names.index("") + 1
        raise InvalidRequest(f"{source}: column {number} has no name", hint="name it in the header, or delete it")
    found: list[str] = []
    for name in names:
        again = (name, *(f"{name} ({n})" for n in range(2, len(names) + 2)))
        found.append(next(one for one in again if one not in found))
    return tuple(found)


def row_of(number: int, cells: Sequence[str], columns: Sequence[str]) -> Row | Mistake | None:
    """A row under its columns, ``None`` for an empty one, a mistake where cells and columns do not agree."""
    if not any(cells):
        return None
    width = len(columns)
    if len(cells) < width or any(cells[width:]):
        return Mistake(number, f"the row has {len(cells)} cells, the header {width}", cells[0])
    for column, cell in zip(columns, cells, strict=False):
        if REPLACED in cell:
            return Mistake(number, "a character is broken", cell, column, "text in the file's encoding")
    return Row(number, {column: undefused(cell) for column, cell in zip(columns, cells, strict=False)})
