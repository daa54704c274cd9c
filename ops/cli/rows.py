"""Rows of a CSV file: read one at a time, every mistake named with its line before anything is done."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any

from ops.errors import InvalidRequest
from ops.playbook import Playbook
from ops.regular_file import ANY_SIZE, opened

BATCH = 100  # rows planned, applied and recorded together: memory does not grow with the file
LARGEST = 1 << 16  # characters of one CSV field
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet knows one (OWASP, CSV injection)

Row = Mapping[str, str]
Numbered = tuple[int, Row]  # a row, and the line of the file it ends on


def rows_of(path: Path, book: Playbook) -> Iterator[Numbered]:
    """Rows with their line numbers; the header is checked first."""
    csv.field_size_limit(LARGEST)
    try:
        with opened(path, ANY_SIZE) as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(path, list(reader.fieldnames or ()), book)
            yield from _numbered(path, reader)
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}", hint="is its disk well?") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} cannot be read as text", hint="save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise InvalidRequest(f"{path}: {error}", hint="save it as CSV with commas") from error


def _numbered(path: Path, reader: Any) -> Iterator[Numbered]:
    for row in reader:
        if None in row or None in row.values():
            message = f"{path} line {reader.line_num}: it has more or fewer cells than the header"
            raise InvalidRequest(message, hint="put cells that hold a comma in double quotes")
        yield reader.line_num, {key: value.strip() for key, value in row.items()}


def _check_header(path: Path, names: Sequence[str], book: Playbook) -> None:
    known = sorted(ask.name for ask in book.asks)
    if not names:
        raise InvalidRequest(f"{path} is empty", hint=f"its first line names columns: {', '.join(known)}")
    if unknown := sorted(set(names) - set(known)):
        raise InvalidRequest(f"{path}: no option is called {unknown[0]}", hint=f"columns: {', '.join(known)}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise InvalidRequest(f"{path}: the column {twice[0]} is there twice", hint="keep one of them")
    if missing := [ask.name for ask in book.asks if ask.default is None and ask.name not in names]:
        raise InvalidRequest(f"{path}: the column {missing[0]} is missing", hint=f"add {', '.join(missing)}")


def count(path: Path, book: Playbook) -> int:
    """Read the whole file once, so that a mistake in its last line stops the first row too; how many rows."""
    return sum(1 for _ in rows_of(path, book))


def batches(rows: Iterable[Numbered], trial: bool) -> Iterator[list[Numbered]]:
    """Full batches; with ``trial`` first one row by itself, then a tenth of a batch."""
    left = iter(rows)
    for size in (1, BATCH // 10) if trial else ():
        if batch := list(islice(left, size)):
            yield batch
    while batch := list(islice(left, BATCH)):
        yield batch


@dataclass
class Results:
    """What became of each row, written as it becomes known."""

    path: Path | None
    done: int = 0
    already: int = 0
    failed: int = 0
    lines: list[tuple[int, str, str, str]] = field(default_factory=list)

    def begin(self) -> None:
        """Start the file anew, so that a place that cannot be written is known before anything is done."""
        if self.path is not None:
            self._write([("row", "status", "why", "run")], "w")

    def add(self, number: int, status: str, why: str = "", run: str = "") -> None:
        """Note one row; ``status`` is done, already so or failed."""
        self.done += status == "done"
        self.already += status == "already so"
        self.failed += status == "failed"
        self.lines.append((number, status, why, run))

    def write(self) -> None:
        """Add what is new to the file; formulas are defused."""
        if self.path is not None:
            self._write([tuple(_inert(str(cell)) for cell in line) for line in self.lines], "a")
        self.lines.clear()

    def _write(self, lines: Sequence[Sequence[str]], mode: str) -> None:
        path = self.path or Path()
        try:
            with open(path, mode, newline="", encoding="utf-8", opener=_not_waiting) as file:
                csv.writer(file).writerows(lines)
        except OSError as error:
            raise InvalidRequest(f"{path} cannot be written: {error.strerror}", hint="choose another place") from error


def _not_waiting(path: str, flags: int) -> int:
    """A pipe that nobody reads is an error at once."""
    return os.open(path, flags | os.O_NONBLOCK, 0o666)


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
