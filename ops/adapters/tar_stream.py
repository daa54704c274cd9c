"""The members of a tar archive as they come through a pipe, read with bounded memory, and one of them written down.

Python's tarfile ends quietly at a header it cannot read, keeps every member in mind and reads a header of any size.
Here an archive ends with its end mark or is damaged, and a name that leads out of it is damage. Source: tar(5).
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tarfile import HeaderError, ReadError, TarError, TarFile, TarInfo
from typing import IO, Self, TypeAlias, cast

from inventory.backup.model import Target
from ops.adapters.backup_written import written_down

PIECE = 1 << 18
MOST = 1 << 22  # octets of one header, with all its extensions
LINKED = -1  # in the place of a size that a hard link does not tell
LAST = 1 << 33  # seconds after 1970
Members: TypeAlias = Iterator[tuple[str, TarInfo, TarFile]]


class Strict(TarInfo):
    """A header; one that is not as it should be is never taken for the end."""

    @classmethod
    def fromtarfile(cls, tarfile_: TarFile) -> Self:
        """The next header; raise ``ReadError``."""
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except HeaderError as error:
            raise ReadError(f"{error or 'a header in it is damaged'}") from error
        except (ValueError, ArithmeticError, LookupError, RecursionError) as error:
            raise ReadError("a header in it is damaged") from error


class Forward:
    """A pipe that tells where it is, and is read onward only."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._at = out, 0

    def read(self, size: int) -> bytes:
        """So many octets, fewer at the end."""
        if not 0 <= size <= MOST:
            raise ReadError("a header in it is larger than any that is right")
        got = self._out.read(size)
        self._at += len(got)
        return got

    def tell(self) -> int:
        """How many octets were read."""
        return self._at

    def seek(self, to: int) -> None:
        """Pass over what is before."""
        while self._at < to and self.read(min(PIECE, to - self._at)):
            continue
        if self._at > to:
            raise ReadError("a header in it is damaged")


def members(out: IO[bytes]) -> Members:
    """Each member with its whole path; raise ``TarError`` where the archive is damaged."""
    pipe = cast(IO[bytes], Forward(out))
    archive = TarFile(fileobj=pipe, mode="r", tarinfo=Strict, encoding="utf-8", errors="surrogateescape")
    while (member := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]
        yield place(member.name), member, archive


def place(name: str) -> str:
    """The whole path a name in an archive means; raise ``TarError`` for one that leads out."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in name:
        raise TarError("a name in it leads out of it")
    return f"/{'/'.join(parts)}"


def to_itself(member: TarInfo) -> bool:
    """Whether it is a hard link to its own name, as tar writes of a file that it packs twice: it changes nothing."""
    return member.islnk() and member.linkname == member.name


def note(files: dict[str, int], path: str, member: TarInfo) -> None:
    """Note the size of the file that lies at a path after this member: what comes later replaces what was there."""
    if member.isreg():
        files[path] = member.size
    elif not member.islnk():
        files.pop(path, None)
    elif not to_itself(member):
        files[path] = LINKED


def taken_away(into: Path, path: str) -> None:
    """Take a file away again that was put below a folder."""
    with suppress(OSError):
        (into / path.lstrip("/")).unlink()


def put(target: Target, archive: TarFile, member: TarInfo, into: Path, paths: Sequence[str]) -> None:
    """Write one regular file below a folder, once for each of its names, with the time it had.

    Only folders and files of ours are ever there.
    """
    content = archive.extractfile(member)
    if content is None:
        raise ReadError("a file in it has no content")
    written_down(target, _pieces(content), into, paths[0], _time(member))
    for path in paths[1:]:
        with (into / paths[0].lstrip("/")).open("rb") as first:
            written_down(target, _pieces(first), into, path, _time(member))


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: content.read(PIECE), b"")


def _time(member: TarInfo) -> int:
    """Nanoseconds, as exactly as they are told; 0 for a time no file can have."""
    with suppress(ArithmeticError, ValueError):
        told = Decimal(member.pax_headers.get("mtime") or member.mtime)
        return int(told * 10**9) if abs(told) < LAST else 0
    return 0
