"""A folder of plain trees behind SFTP. Each step down is looked at before it is taken, and none of them may be a link.

The server follows links when it opens something, and cannot be told not to (draft-ietf-secsh-filexfer-02, 6.3). So
whoever may change the tree while a folder of it is read can still lead a reader astray.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inventory.backup.model import Target
from ops.adapters.backup_tree import Inside, Told, Tree, gone
from ops.adapters.ssh import Door, signed_in
from ops.adapters.ssh_files import PIECE, listed, lying_there, sftp_opened, unbroken
from ops.errors import NotAuthorised

if TYPE_CHECKING:
    from paramiko import SFTPAttributes, SFTPClient


class FarTree(Tree):
    """A folder of a host, as a key that only reads meets it."""

    def __init__(self, target: Target, door: Door, path: str) -> None:
        self._target, self._door, self._path = target, door, path.rstrip("/")
        self.step, self.lies = f"let {door.account} read it there", ""

    @contextmanager
    def entered(self) -> Iterator[Inside]:
        with signed_in(self._door) as (client, _):
            sftp = sftp_opened(client, self._door)
            try:
                self._there(sftp)
                yield InsideThere(self._target.name, sftp, os.fsencode(self._path))
            finally:
                sftp.close()

    def _there(self, sftp: SFTPClient) -> None:
        try:
            with unbroken(self._target.name):
                right = stat.S_ISDIR(sftp.stat(self._path).st_mode or 0)
                self.lies = lying_there(sftp, self._door, self._path)
        except PermissionError:
            raise NotAuthorised(f"{self._target.name}: {self._path} may not be read", hint=self.step) from None
        except FileNotFoundError:
            right = False
        if not right:
            raise gone(self._target)


class InsideThere(Inside):
    """What lies below a folder of a host."""

    def __init__(self, target: str, sftp: SFTPClient, top: bytes) -> None:
        self._target, self._sftp, self._top = target, sftp, top
        self._sure = ""  # the folder that was looked at last: its files are read one after the other

    def listed(self, place: str) -> list[Told]:
        with unbroken(self._target):
            self._no_link(place)
            return [_told(os.fsdecode(name), one) for name, one in listed(self._sftp, self._at(place))]

    def look(self, place: str) -> Told:
        above, _, name = place.rpartition("/")
        with unbroken(self._target):
            self._no_link(above)
            return _told(name, self._sftp.lstat(self._at(place)))

    @contextmanager
    def opened(self, place: str) -> Iterator[Iterator[bytes]]:
        if not self.look(place).regular:
            raise OSError(errno.ELOOP, "it is no regular file")
        with unbroken(self._target), self._sftp.open(self._at(place), "rb") as file:
            file.MAX_REQUEST_SIZE = PIECE
            yield iter(lambda: file.read(PIECE), b"")

    def _no_link(self, place: str) -> None:
        """Every step down to a folder is one; raise ``NotADirectoryError``."""
        if place == self._sure:
            return
        step = self._top
        for name in filter(None, os.fsencode(place).split(b"/")):
            step += b"/" + name
            if not stat.S_ISDIR(self._sftp.lstat(step).st_mode or 0):
                raise NotADirectoryError(errno.ENOTDIR, "it is no folder")
        self._sure = place

    def _at(self, place: str) -> bytes:
        return self._top + b"/" + os.fsencode(place)


def _told(name: str, one: SFTPAttributes) -> Told:
    return Told(name, one.st_mode or 0, one.st_size or 0, int(one.st_mtime or 0) * 10**9)
