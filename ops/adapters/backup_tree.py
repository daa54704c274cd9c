"""A folder of plain trees, here or behind SFTP: what lies where, walked without ever going through a link."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from inventory.backup.model import Target
from ops.adapters.backup import Gone


class Told(NamedTuple):
    """What lies at a place: itself, not what it leads to. ``mtime`` in nanoseconds since 1970."""

    name: str
    mode: int
    size: int
    mtime: int

    @property
    def folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)

    @property
    def regular(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.mode)


class Inside(Protocol):
    """A folder that was entered. A place in it is ``a/b``; octets that are no UTF-8 stay as Python keeps them.

    What the place answers is an ``OSError``, also that a link stands in the way; that the way there broke off is
    ``Unreachable``.
    """

    def listed(self, place: str) -> list[Told]:
        """What lies in a folder; the folder that was entered is the empty place."""
        ...

    def look(self, place: str) -> Told:
        """One place."""
        ...

    def opened(self, place: str) -> AbstractContextManager[Iterator[bytes]]:
        """What a regular file holds, in pieces."""
        ...


class Tree(Protocol):
    """A folder with dated trees in it; ``step`` is what to do where something in it may not be read.

    ``lies`` tells it from others, once it was entered.
    """

    step: str
    lies: str

    def entered(self) -> AbstractContextManager[Inside]:
        """Enter it for the length of a with block; raise ``Gone``, ``NotAuthorised`` or ``Unreachable``."""
        ...


Met = Callable[[str, OSError], None]


def walked(inside: Inside, top: str, met: Met) -> Iterator[tuple[str, Told]]:
    """Every regular file below a folder, by its place; ``met`` hears of each folder that could not be listed."""
    waiting = [top]
    while waiting:
        place = waiting.pop()
        try:
            found = inside.listed(place)
        except OSError as error:
            met(place, error)
            continue
        waiting += [f"{place}/{one.name}" for one in found if one.folder]
        yield from ((f"{place}/{one.name}", one) for one in found if one.regular)


def gone(target: Target) -> Gone:
    """The refusal where there is no folder."""
    return Gone(f"{target.name}: there is no folder of snapshots at {target.where}", hint="is it there, mounted?")
