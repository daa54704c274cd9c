"""A folder of plain trees on this machine: each step down is opened by itself, and none of them may be a link."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from inventory.backup.model import Target
from ops.adapters.backup import lying_here
from ops.adapters.backup_tree import Inside, Told, Tree, gone
from ops.errors import NotAuthorised

PIECE = 1 << 18
DOWN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Folder(Tree):
    """A folder of this machine; it may itself be reached by a link, for whoever named it meant that."""

    step = "run it as somebody who may read it"

    def __init__(self, target: Target) -> None:
        self._target, self.lies = target, lying_here(target.where)

    @contextmanager
    def entered(self) -> Iterator[Inside]:
        where = self._target.where
        try:
            handle = os.open(where, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except PermissionError:
            raise NotAuthorised(f"{where} may not be read", hint=self.step) from None
        except OSError:
            raise gone(self._target) from None
        try:
            yield InsideHere(handle)
        finally:
            os.close(handle)


class InsideHere(Inside):
    """What lies below an open folder."""

    def __init__(self, top: int) -> None:
        self._top = top

    def listed(self, place: str) -> list[Told]:
        told = []
        with self._folder(place) as folder, os.scandir(folder) as found:
            for one in found:
                with suppress(FileNotFoundError):  # what disappears meanwhile was not there
                    told.append(_told(one.name, one.stat(follow_symlinks=False)))
        return told

    def look(self, place: str) -> Told:
        above, _, name = place.rpartition("/")
        with self._folder(above) as folder:
            return _told(name, os.stat(name, dir_fd=folder, follow_symlinks=False))

    @contextmanager
    def opened(self, place: str) -> Iterator[Iterator[bytes]]:
        above, _, name = place.rpartition("/")
        with self._folder(above) as folder:
            handle = os.open(name, FILE, dir_fd=folder)
        with os.fdopen(handle, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError(errno.ELOOP, "it is no regular file")
            yield iter(lambda: file.read(PIECE), b"")

    @contextmanager
    def _folder(self, place: str) -> Iterator[int]:
        """A folder below, opened step by step."""
        handle = os.open(".", DOWN, dir_fd=self._top)
        try:
            for name in filter(None, place.split("/")):
                above, handle = handle, os.open(name, DOWN, dir_fd=handle)
                os.close(above)
            yield handle
        finally:
            os.close(handle)


def _told(name: str, seen: os.stat_result) -> Told:
    return Told(name, seen.st_mode, seen.st_size, seen.st_mtime_ns)
