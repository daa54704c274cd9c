"""How sure a restore of some files makes us of all of them, and which files are drawn.

With n files drawn at random and none of them bad, the share of bad files is at most p with 95 % confidence, where
(1 - p)^n = 0.05. Drawn without replacement from few files it is better than that; the bound stays on the safe side.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import ceil, log
from pathlib import Path

DOUBT = 0.05
FIRST = 2  # of the files that are lost, named
LONGEST = 200  # characters of a path that are told
STRATA = 4  # classes of size, so that large files are not left out because small ones are many
MOST = 20_000  # files of one backup that are kept in mind to draw from


@dataclass(frozen=True)
class Entry:
    """One file of a backup: its path, size in octets and SHA-256 as they were when it was made.

    Of one that is ``linked`` to another the tool does not tell the size. Of one that is ``garbled`` the path may be
    told wrong: nobody can ask for it by name. ``lost`` says in words why one that was kept cannot come back as it was.
    """

    path: str
    size: int
    sha256: str = ""
    linked: bool = False
    garbled: bool = False
    lost: str = ""


def bound(right: int) -> float:
    """The largest share of bad files that so many right ones leave likely; 1.0 for none."""
    return 1 - DOUBT ** (1 / right) if right else 1.0


def needed(share: float) -> int:
    """How many right files it takes to be 95 % sure that at most this share is bad."""
    if not 0 < share < 1:
        raise ValueError("a share lies between 0 and 1")
    return ceil(log(DOUBT) / log(1 - share))


def sentence(right: int, tried: int, held: int, refused: int = 0) -> str:
    """The result in words. Of those ``refused`` the tool said that something is wrong with some of them."""
    if not tried:
        return "no file was tried: nothing is known"
    if right < tried:
        return ", ".join(_wrong(tried - right - refused, tried, refused))
    if tried == held:
        return f"all {held} files are right" if held > 1 else "the one file there is is right"
    tenths = ceil(bound(right) * 1000)  # of a per cent, up: rounded down it would promise more than is proven
    return f"{right} of {tried} right: 95 % sure that at most {tenths / 10:.1f}% of {held} are bad"


def _wrong(bad: int, tried: int, refused: int) -> Iterator[str]:
    if bad:
        yield f"{bad} of {tried} files are bad"
    if refused:
        yield f"none of {tried} can be trusted" if refused == tried else f"{refused} of {tried} cannot be trusted"


def seed(run: str) -> str:
    """What files are drawn by: the same run draws the same files again."""
    return hashlib.sha256(run.encode()).hexdigest()


def drawn(entries: Sequence[Entry], number: int, by: str) -> list[Entry]:
    """So many files, from every class of size in equal parts, in an order that only ``by`` decides.

    Classes that have fewer give what they have; the rest is drawn from the others.
    """
    ordered = sorted(entries, key=lambda one: (one.size, one.path))
    edges = [len(ordered) * step // STRATA for step in range(STRATA + 1)]
    classes = [
        sorted(ordered[low:high], key=lambda one: _place(by, one.path))
        for low, high in zip(edges, edges[1:], strict=False)
    ]
    found: list[Entry] = []
    while len(found) < min(number, len(ordered)):
        for one in classes:
            if one and len(found) < number:
                found.append(one.pop())
    return sorted(found, key=lambda one: one.path)


def thinned(entries: Iterable[Entry], by: str) -> list[Entry]:
    """At most ``MOST`` of any number of files, each with the same chance, which only ``by`` decides."""
    return nsmallest(MOST, entries, key=lambda one: _place(f"thinned {by}", one.path))


class Lost:
    """The files of a backup that are lost: how many, and the first of them."""

    def __init__(self) -> None:
        self._number, self._first = 0, list[Entry]()

    def add(self, entry: Entry) -> None:
        """One more, if it is lost."""
        if not entry.lost:
            return
        self._number += 1
        self._first += [entry] if len(self._first) < FIRST else []

    def __str__(self) -> str:
        """One line, empty where none is lost."""
        if not self._first:
            return ""
        names, more = ", ".join(shown(one.path) for one in self._first), self._number - len(self._first)
        said = "1 file is lost" if self._number == 1 else f"{self._number} files are lost"
        return f"{said} ({self._first[0].lost}): {names}" + (f" and {more} more" if more else "")


def wrong(path: Path, entry: Entry) -> str:
    """What is wrong with a file that came back; empty if it is as it was, as far as that is known."""
    if not path.is_file() or path.is_symlink():
        return f"{shown(entry.path)} did not come back"
    if (size := path.stat().st_size) != entry.size and not entry.linked:
        return f"{shown(entry.path)} came back with {size} octets instead of {entry.size}"
    if not entry.sha256:
        return ""
    return "" if hashed(path) == entry.sha256 else f"{shown(entry.path)} came back with other content"


def shown(path: str) -> str:
    """A path as it may stand in a message: in one line, its end where it is long, nothing invisible."""
    short = path if len(path) <= LONGEST else f"…{path[1 - LONGEST :]}"
    return short if short.isprintable() else ascii(short)


def hashed(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fitting(chosen: Sequence[Entry], room: float) -> list[Entry]:
    """Those there is room for, the smallest first, in the order they were in."""
    kept: set[str] = set()
    for entry in sorted(chosen, key=lambda one: (one.size, one.path)):
        room -= entry.size
        if room < 0:
            break
        kept.add(entry.path)
    return [entry for entry in chosen if entry.path in kept]


def _place(by: str, path: str) -> str:
    return hashlib.sha256(by.encode() + b"\n" + os.fsencode(path)).hexdigest()
