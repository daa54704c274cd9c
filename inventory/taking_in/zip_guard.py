"""Whether a ZIP file may be opened at all: sizes and ratios from its directory first, then what its parts declare."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ops.errors import InvalidRequest

MOST_MEMBERS = 2000
LARGEST_MEMBER = 256 << 20  # bytes, unpacked
LARGEST_TOTAL = 512 << 20
LARGEST_STRINGS = 64 << 20  # the table of shared texts is the one part that must be held in memory
HIGHEST_RATIO = 200  # sheets of real offices stay below 60
SMALL = 1 << 20  # unpacked; below it a ratio means nothing
PIECE = 1 << 16
FORMULA = re.compile(rb"<(?:\w{1,12}:)?f[\s/>]")
STRINGS = re.compile(rb"<(?:\w{1,12}:)?sst[\s/>]")  # whatever the part is called
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def check_workbook(path: Path) -> None:
    """Raise ``InvalidRequest`` unless the file is an XLSX that can be opened without harm.

    No member is unpacked before all their sizes are known to be bearable; unpacked data is never kept. Python's
    ``zipfile`` hands out no more than a member's declared size, so a false size cannot get round this.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive.infolist(), path.name)
            _check_kind(set(archive.namelist()), path.name)
            for info in archive.infolist():
                _check_part(archive, info, path.name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise InvalidRequest(f"{path.name} is not a whole workbook", hint=_why_not(path)) from error


def _check_sizes(members: list[zipfile.ZipInfo], name: str) -> None:
    hint = "save the sheet alone as CSV"
    if len(members) > MOST_MEMBERS:
        raise InvalidRequest(f"{name} has more than {MOST_MEMBERS} parts", hint=hint)
    for one in members:
        ratio = one.file_size / max(1, one.compress_size)
        if one.file_size > LARGEST_MEMBER:
            raise InvalidRequest(f"{name}: a part unpacks to {_mib(one.file_size)}", hint=hint)
        if one.file_size > SMALL and ratio > HIGHEST_RATIO:
            raise InvalidRequest(f"{name}: a part unpacks to {ratio:.0f} times its size", hint=hint)
    if (total := sum(one.file_size for one in members)) > LARGEST_TOTAL:
        raise InvalidRequest(f"{name} unpacks to {_mib(total)}", hint=hint)


def _check_kind(names: set[str], name: str) -> None:
    if "xl/workbook.xml" in names:
        return
    if "mimetype" in names:
        raise InvalidRequest(f"{name} is a file of LibreOffice", hint="save it as XLSX or CSV")
    if "xl/workbook.bin" in names:
        raise InvalidRequest(f"{name} is a binary workbook", hint="save it as XLSX or CSV")
    raise InvalidRequest(f"{name} is a ZIP file and no workbook", hint="unpack it and give the table in it")


def _check_part(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
    """No document types: they declare entities, which can grow without end or read files. No office writes them."""
    if info.flag_bits & 1:
        raise InvalidRequest(f"{name} is encrypted", hint="save it without a password")
    if not info.filename.endswith((".xml", ".rels")):
        return
    before = b""
    for piece in _pieces(archive, info):
        if b"\0" in piece or b"<!DOCTYPE" in before + piece:
            raise InvalidRequest(f"{name} declares a document type", hint="save it again in a spreadsheet program")
        if info.file_size > LARGEST_STRINGS and STRINGS.search(before + piece):
            raise InvalidRequest(f"{name} holds more text than {_mib(LARGEST_STRINGS)}", hint="save the sheet as CSV")
        before = piece[-16:]


def has_formulas(path: Path, member: str) -> bool:
    """Whether a sheet has a formula in it, found without reading the sheet as XML."""
    with zipfile.ZipFile(path) as archive:
        before = b""
        for piece in _pieces(archive, archive.getinfo(member)):
            if FORMULA.search(before + piece):
                return True
            before = piece[-16:]
    return False


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(info) as part:
        while piece := part.read(PIECE):
            yield piece


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB"


def _why_not(path: Path) -> str:
    with path.open("rb") as file:
        if file.read(8) == OLE:
            return "it is an old .xls or has a password; save it as XLSX or CSV without one"
    return "save it again, or copy it again if it was cut off"
