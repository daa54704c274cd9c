"""What a scanner has stored: lines of a code, a place and a time, parted as the scanner's country does it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from inventory.taking_in.encodings import encoding_of
from inventory.taking_in.headers import plain
from ops import regular_file
from ops.errors import InvalidRequest

DELIMITERS = ("\t", ";", ",")  # where two are as frequent: a place has a comma in it rather than a tab
HEADERS = frozenset(
    map(plain, ("code", "barcode", "tag", "asset tag", "inventarnummer", "place", "location", "room", "ort", "raum"))
) | frozenset(map(plain, ("standort", "platz", "time", "date", "timestamp", "zeit", "datum", "zeitpunkt", "uhrzeit")))
GERMAN = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")
MOMENT = "write the time as 2026-11-25T10:15:00Z, or leave it out"


def scanned_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines of a scanner's file that are not empty, with their numbers: code, place and moment, each stripped.

    Commas, semicolons or tabs part them; a line of headings is passed over. Raise ``InvalidRequest`` for a file that
    cannot be read, and for a moment that is none.
    """
    octets = regular_file.content(path)
    try:
        encoding = encoding_of(path)
        text = octets[encoding.mark :].decode(encoding.name, "replace")
        lines = text.splitlines()
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=_delimiter(lines))]
    except (OSError, csv.Error) as error:
        said = getattr(error, "strerror", None) or error
        raise InvalidRequest(f"{path} cannot be read: {said}", hint="one code a line: CODE,PLACE,TIME") from error
    for number, cells in enumerate(rows, 1):
        if any(cells) and not (number == 1 and _heading(cells)):
            code, place, at = [*cells, "", "", ""][:3]
            yield number, [code, place, _moment(path, number, at)]


def _delimiter(lines: list[str]) -> str:
    """What parts the most lines; a comma where nothing does."""
    found = {one: sum(one in line for line in lines) for one in DELIMITERS}
    most = max(found.values(), default=0)
    return next(one for one in DELIMITERS if found[one] == most) if most else ","


def _heading(cells: list[str]) -> bool:
    return all(plain(cell) in HEADERS for cell in cells if cell)


def _moment(path: Path, number: int, text: str) -> str:
    if not text:
        return ""
    for form in GERMAN:
        try:
            return datetime.strptime(text, form).isoformat()  # noqa: DTZ007  a scanner does not know its zone
        except ValueError:
            continue
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"{path} line {number}: {text!r} is no time", hint=MOMENT) from None
    return text
