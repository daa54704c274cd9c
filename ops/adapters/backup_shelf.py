"""A folder with packed backups in it: what is there, and each to be read by a program."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Protocol

from inventory.backup.model import Target
from ops.adapters.backup import Gone


@dataclass(frozen=True)
class Packed:
    """One archive as its folder lists it; ``mtime`` in seconds since 1970."""

    name: str
    size: int
    mtime: int


class Shelf(Protocol):
    """A folder with archives in it; ``lies`` tells it from others, once it was listed."""

    lies: str

    def listed(self) -> list[Packed]:
        """Every regular file; raise ``Gone``, ``NotAuthorised`` or ``Unreachable``."""
        ...

    def opened(self, name: str) -> AbstractContextManager[IO[bytes] | int]:
        """One of them, to be read by a program; raise ``Unreachable`` at the end if the way broke off."""
        ...


def gone(target: Target) -> Gone:
    """The refusal where there is no folder."""
    return Gone(f"{target.name}: there is no folder of archives at {target.where}", hint="is it there, mounted?")
