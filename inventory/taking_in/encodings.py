"""Which encoding a text file has: its mark first, then what its bytes can be; the answer says how it was found."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ops.errors import InvalidRequest

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
PIECE = 1 << 20  # bytes of a line that are looked at together
CALLED = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}


@dataclass(frozen=True)
class Encoding:
    """A codec's name, how many bytes of mark stand before the text, and one line that says how it was found."""

    name: str
    mark: int
    said: str


def encoding_of(path: Path, wanted: str = "") -> Encoding:
    """The encoding of a file, or the one that was asked for; raise ``InvalidRequest`` for one that is not known."""
    with path.open("rb") as file:
        start = file.read(4096)
        mark, marked = next(((mark, name) for mark, name in MARKS if start.startswith(mark)), (b"", ""))
        if wanted:
            name = _known(wanted)
            # "utf-16" alone means this machine's order of bytes once the mark is skipped; the mark knows better.
            name = marked if marked.startswith(name) else name
            return Encoding(name, len(mark), f"read as {wanted}, as asked")
        if marked.startswith("utf-16"):
            return Encoding(marked, len(mark), "UTF-16, by its mark")
        if marked.startswith("utf-32"):
            raise InvalidRequest(f"{path.name} is UTF-32", hint="save it as UTF-8")
        if sixteen := _without_mark(start):
            return Encoding(sixteen, 0, "UTF-16 without a mark, by its zero bytes")
        file.seek(len(mark))
        return _by_lines(file, len(mark))


def _known(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, UnicodeError) as error:
        hint = "such as utf-8, cp1252, utf-16, iso-8859-15"
        raise InvalidRequest(f"there is no encoding {name}", hint=hint) from error
    return found.name


def _without_mark(start: bytes) -> str:
    """Latin text in UTF-16 has a zero in every other place, and text in other encodings has none at all."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if half and odd > half * 0.4 and not even:
        return "utf-16-le"
    return "utf-16-be" if half and even > half * 0.4 and not odd else ""


def _by_lines(file: IO[bytes], mark: int) -> Encoding:
    """UTF-8 if its lines are; Windows-1252 if they are not.

    One line with a broken byte does not turn a file of UTF-8 into Windows-1252: that would spoil every other name in
    it. Text in Windows-1252 is next to never valid UTF-8 by chance, so the larger number of lines decides.
    """
    valid = broken = 0
    for line in _pieces(file):
        if line.isascii():
            continue
        try:
            line.decode()
            valid += 1
        except UnicodeDecodeError:
            broken += 1
    if broken <= valid:
        how = ", by its mark" if mark else (", by its bytes" if valid else ", plain ASCII")
        spoilt = f"; {broken} lines have broken bytes" if broken else ""
        return Encoding("utf-8", mark, f"UTF-8{how}{spoilt}")
    false = ", though it begins with the mark of UTF-8" if mark else ", as its bytes are not UTF-8"
    return Encoding("cp1252", mark, f"Windows-1252{false}")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.readline(PIECE):
        yield piece
