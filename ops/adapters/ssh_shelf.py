"""A folder of archives behind SFTP: listed, and each streamed to a program as it comes, so that none is stored here."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

from inventory.backup.model import Target
from ops.adapters.backup_shelf import Packed, Shelf, gone
from ops.adapters.ssh import Door, signed_in
from ops.adapters.ssh_files import PIECE, listed, lying_there, sftp_opened, unbroken
from ops.errors import NotAuthorised, Unreachable

if TYPE_CHECKING:
    from paramiko import SFTPClient, SFTPFile


class FarFolder(Shelf):
    """A folder of a host, as a key that only reads meets it."""

    def __init__(self, target: Target, door: Door, path: str) -> None:
        self._target, self._door, self._path = target, door, path.rstrip("/")
        self.lies = ""

    def listed(self) -> list[Packed]:
        with self._sftp() as sftp:
            found = [one for one in listed(sftp, os.fsencode(self._path)) if stat.S_ISREG(one[1].st_mode or 0)]
            self.lies = lying_there(sftp, self._door, self._path)
        return [Packed(os.fsdecode(name), one.st_size or 0, int(one.st_mtime or 0)) for name, one in found]

    @contextmanager
    def opened(self, name: str) -> Iterator[int]:
        broken: list[Exception] = []
        with self._sftp() as sftp, sftp.open(os.fsencode(f"{self._path}/{name}"), "rb") as file:
            file.MAX_REQUEST_SIZE = PIECE  # its prefetch has a thread that complains aloud when a link breaks
            out, into = os.pipe()
            pump = Thread(target=_pumped, args=(file, into, broken), name="pump")
            pump.start()
            try:
                yield out
            finally:
                os.close(out)  # whoever reads has ended; what is still on its way has nowhere to go
                pump.join()
        if broken:
            raise Unreachable(f"{self._target.name}: the connection broke off", hint="is it up? try again")

    @contextmanager
    def _sftp(self) -> Iterator[SFTPClient]:
        with signed_in(self._door) as (client, _), self._heard():
            sftp = sftp_opened(client, self._door)
            try:
                yield sftp
            finally:
                sftp.close()

    @contextmanager
    def _heard(self) -> Iterator[None]:
        try:
            with unbroken(self._target.name):
                yield
        except FileNotFoundError:
            raise gone(self._target) from None
        except PermissionError:
            hint = f"let {self._door.account} read it there"
            raise NotAuthorised(f"{self._target.name}: {self._path} may not be read", hint=hint) from None


def _pumped(file: SFTPFile, into: int, broken: list[Exception]) -> None:
    """From the host into a pipe, until one of them ends."""
    try:
        while piece := file.read(PIECE):
            view = memoryview(piece)
            while view:
                view = view[os.write(into, view) :]
    except BrokenPipeError:
        pass
    except Exception as error:  # noqa: BLE001  told by whoever opened it
        broken.append(error)
    finally:
        with suppress(OSError):
            os.close(into)
