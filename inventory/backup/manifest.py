"""What a backup was made of, file by file, written down when it was made: the only thing a restore can be held to.

A manifest is text, one line a file, in the order of a walk (names compared by their octets), so that the same files
give the same octets. It is written and read as a stream, for a system may hold more files than there is memory for:

    journeyman-manifest/1
    {"job":"fs1-homes","run":"...","snapshot":"..."}
    = SHA256 SIZE MTIME /srv/home/amy.ng/plan.txt
    ~ SHA256 SIZE MTIME /srv/home/amy.ng/changing.log
    end FILES CHANGED OCTETS SHA256

SIZE is in octets, MTIME in nanoseconds since 1970. ``~`` marks a file that changed while the backup ran: whether the
backup has its old or its new content nobody can say, so it is compared with nothing. Octets of a path that are not
visible ASCII, and ``%``, are written ``%XX``; a path need be no UTF-8. The last line counts the lines with a file and
closes with the SHA-256 of all octets before it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from ops.errors import EvidenceInvalid

FIRST = b"journeyman-manifest/1\n"
SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "%")
PLAIN = re.compile(r"[!-$&-~]+")  # visible ASCII but for the percent sign
LINE = re.compile(rb"([=~]) ([0-9a-f]{64}) (0|[1-9][0-9]{0,18}) (0|-?[1-9][0-9]{0,18}) (/[!-~]*)\n")
LAST = re.compile(rb"end (0|[1-9][0-9]{0,11}) (0|[1-9][0-9]{0,11}) (0|[1-9][0-9]{0,23}) ([0-9a-f]{64})\n")
LONGEST_HEAD = 1 << 16
NEXT = "make another backup: ops backup run; this one is compared by what else is known"


@dataclass(frozen=True, slots=True)
class Measured:
    """One regular file as it was: ``mtime`` in nanoseconds; undecodable octets of ``path`` are as ``os.fsdecode``.

    Not ``settled`` is what changed while the backup ran.
    """

    path: str
    size: int
    mtime: int
    sha256: str
    settled: bool = True


@dataclass
class Tally:
    """How many files there are, how many octets, and a sum over their paths and sizes that no order changes."""

    files: int = 0
    octets: int = 0
    mixed: int = 0

    def add(self, path: str, size: int) -> None:
        """One more file."""
        self.files += 1
        self.octets += size
        one = blake2b(b"%d:%b" % (size, os.fsencode(path)), digest_size=16).digest()
        self.mixed = (self.mixed + int.from_bytes(one)) % (1 << 128)


def place(path: str) -> bytes:
    """Where a path stands in the order of a walk that goes into each folder where it meets it."""
    return os.fsencode(path).replace(b"/", b"\0")


def spelled(path: str) -> str:
    """A path as it is written in a manifest."""
    return path if PLAIN.fullmatch(path) else quote_from_bytes(os.fsencode(path), safe=SAFE)


def written(head: Mapping[str, Any], files: Iterable[Measured]) -> Iterator[bytes]:
    """The lines of a manifest; the files come in the order of ``place``."""
    digest, count, changed, octets = sha256(), 0, 0, 0
    words = json.dumps(head, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    for line in (FIRST, words):
        digest.update(line)
        yield line
    for one in files:
        mark = "=" if one.settled else "~"
        line = f"{mark} {one.sha256} {one.size} {one.mtime} {spelled(one.path)}\n".encode("ascii")
        digest.update(line)
        count, changed, octets = count + 1, changed + (not one.settled), octets + one.size
        yield line
    yield b"end %d %d %d %b\n" % (count, changed, octets, digest.hexdigest().encode())


class Manifest:
    """A manifest as it is read. What it yields is to be believed once it was read to its end without an error.

    ``digest`` is then what its last line closes with; ``files``, ``changed`` and ``octets`` are what it counted.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._hash = sha256()
        self.files = self.changed = self.octets = 0
        self.digest = ""
        if self._taken() != FIRST:
            raise broken("it does not begin as one")
        self.head = self._read_head()

    def _read_head(self) -> Mapping[str, Any]:
        line = self._taken()
        try:
            head = json.loads(line) if len(line) < LONGEST_HEAD else None
        except (ValueError, RecursionError):
            head = None
        if not isinstance(head, dict) or json.dumps(head, sort_keys=True, separators=(",", ":")).encode() != line[:-1]:
            raise broken("its head is damaged")
        return head

    def _taken(self) -> bytes:
        line = next(self._lines, b"")
        self._hash.update(line)
        return line

    def __iter__(self) -> Iterator[Measured]:
        before = b""
        for line in self._lines:
            if line.startswith(b"end "):
                self._close(line)
                return
            self._hash.update(line)
            one = _file(line)
            if (now := place(one.path)) <= before:
                raise broken(f"line {self.files + 3} is out of order")
            before = now
            self.files, self.octets = self.files + 1, self.octets + one.size
            self.changed += not one.settled
            yield one
        raise broken("its end is missing")

    def _close(self, line: bytes) -> None:
        found = LAST.fullmatch(line)
        counted = (self.files, self.changed, self.octets)
        if found is None or tuple(map(int, found.groups()[:3])) != counted:
            raise broken("it does not hold what its last line says")
        if found[4].decode() != self._hash.hexdigest():
            raise broken("it was changed after it was written")
        if next(self._lines, b""):
            raise broken("something follows its end")
        self.digest = found[4].decode()


def _file(line: bytes) -> Measured:
    found = LINE.fullmatch(line)
    if found is None:
        raise broken("a line of it cannot be read")
    path = os.fsdecode(unquote_to_bytes(found[5]))
    if spelled(path).encode() != found[5] or "\0" in path:
        raise broken("a path in it is not written as it should be")
    return Measured(path, int(found[3]), int(found[4]), found[2].decode(), found[1] == b"=")


def broken(why: str) -> EvidenceInvalid:
    """The refusal of a manifest."""
    return EvidenceInvalid(f"the manifest is not whole: {why}", hint=NEXT)
