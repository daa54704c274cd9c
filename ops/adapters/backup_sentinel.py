"""A sentinel: a file of our own, written where backups lie by whoever writes them, to see whether it can be removed.

The one thing of ours that writes at a target, and only at one whose ``backups.yaml`` says ``sentinel: true``. No other
file is ever touched. It lies in the folder of a repository, beside what the tool keeps there; measured: restic, borg,
tar and rsync pass it over. One that could not be removed is used again, so there is never more than one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import pwd
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

ABOUT = b"Journeyman wrote this file to see whether it can be removed (ops help backups). It holds no data.\n"
NAME = ".journeyman-sentinel"
MOVED = ".moved"
DENIED = (errno.EACCES, errno.EPERM)
MOST = 4096  # octets of ours that are read again


class Beside(Protocol):
    """The folder of a target, as whoever writes backups meets it; each act is about one file of ours.

    ``writer`` is who writes there, so that another one is not taken for it; ``through`` what the attempts go through,
    in words. ``whole``: what is refused here is refused to the tool too, which may have a door of its own.
    ``almighty``: the account could lift whatever refuses it, as root of this machine can.

    Each act raises ``OSError``: with ``EACCES`` or ``EPERM`` where it is refused. What is lost on the way is raised as
    an ``OpsError``.
    """

    writer: str
    through: str
    whole: bool
    almighty: bool

    def read(self, name: str) -> bytes | None:
        """The file, None if there is none."""
        ...

    def create(self, name: str, content: bytes) -> None:
        """A new file; nothing is written over."""
        ...

    def remove(self, name: str) -> None: ...

    def rename(self, name: str, other: str) -> None: ...

    def overwrite(self, name: str, content: bytes) -> None: ...

    def loosen(self, name: str) -> None:
        """Let its owner write to it again."""
        ...

    def own_folder(self, name: str) -> bool:
        """Whether the folder belongs to whoever owns the file."""
        ...


@dataclass(frozen=True)
class Tried:
    """What came of it: PASS (it stayed), FAIL (it could be removed or spoilt), UNKNOWN; and why."""

    verdict: str
    because: str


class Unclear(Exception):
    """It cannot be told; the text says why."""


@dataclass
class Attempt:
    """One attempt at one place. ``doubts`` are answers that are neither yes nor a plain no."""

    beside: Beside
    now: datetime
    doubts: list[str] = field(default_factory=list)
    loose: bool = False

    @property
    def name(self) -> str:
        """One name for each writer, so that a file is never taken for that of another one."""
        return f"{NAME}-{hashlib.sha256(self.beside.writer.encode()).hexdigest()[:8]}"

    def made(self) -> Tried:
        """Write it unless it is there, then try to remove it, to write over it, to move it."""
        try:
            content, since = self._there()
            if how := self._broken(content):
                return Tried("FAIL", f"whoever writes backups can also remove them: {self.beside.writer} {how}")
            self._still(content)
        except Unclear as error:
            return Tried("UNKNOWN", str(error))
        told = f"a file of ours, written {since} by {self.beside.writer}, could not be removed, written over or moved"
        doubts = [*self.doubts, *self._lifted()]
        if doubts:
            return Tried("UNKNOWN", f"{told} through {self.beside.through}; yet {'; '.join(doubts)}")
        return Tried("PASS", f"{told} (tried through {self.beside.through})")

    def _there(self) -> tuple[bytes, str]:
        """Its content, and the day it was written."""
        content = self._read(self.name)
        if content is None:
            content = self._written()
        told = content.decode(errors="replace").splitlines()
        if not (content.startswith(ABOUT) or ABOUT.startswith(content)):
            raise Unclear(f"{self.name} is there and is not ours: nothing was tried")
        return content, told[1].removeprefix("written ") if len(told) > 1 else "earlier"

    def _written(self) -> bytes:
        content = ABOUT + f"written {self.now:%Y-%m-%d}\n".encode()
        try:
            self.beside.create(self.name, content)
        except OSError as error:
            with suppress(OSError):
                self.beside.remove(self.name)
            raise Unclear(f"{self.beside.writer} could not write there: {_said(error)}") from None
        if self._read(self.name) != content:
            raise Unclear("what was written there could not be read again as it was")
        return content

    def _read(self, name: str) -> bytes | None:
        try:
            return self.beside.read(name)
        except OSError as error:
            raise Unclear(f"{self.beside.writer} could not look there: {_said(error)}") from None

    def _broken(self, content: bytes) -> str:
        """The first way that worked; empty if none did. What can be put back is."""
        if self._works("removing", lambda: self.beside.remove(self.name)):
            return "removed a file it had written"
        if self._works("writing over", lambda: self.beside.overwrite(self.name, content)):
            return "wrote over a file it had written"
        moved = self.name + MOVED
        if self._works("moving", lambda: self.beside.rename(self.name, moved)):
            with suppress(OSError):
                self.beside.rename(moved, self.name)
            return "moved away a file it had written"
        self.loose = self._works("", lambda: self.beside.loosen(self.name))
        if self.loose and self._works("", lambda: self.beside.overwrite(self.name, content)):
            return "gave itself the right to write over a file it had written"
        return ""

    def _works(self, way: str, act: Callable[[], None]) -> bool:
        """Whether it can be done. A no that may be one of another kind is a doubt."""
        try:
            act()
        except OSError as error:
            if way and error.errno not in DENIED:
                self.doubts.append(f"{way} it was answered: {_said(error)}")
            return False
        return True

    def _still(self, content: bytes) -> None:
        """It lies there as it was; what said no and did it all the same is no refusal."""
        found = self._read(self.name)
        if found is None:
            raise Unclear("the file was gone although nothing admitted to removing it")
        if found != content:
            raise Unclear("the file was another one although nothing admitted to changing it")

    def _lifted(self) -> list[str]:
        """Why a refusal may be worth nothing."""
        found = []
        if self.beside.almighty:
            found.append("root of a machine can lift what refuses it")
        elif self.loose and self.beside.own_folder(self.name):
            found.append("the folder is its own, and it can give itself the right")
        if not self.beside.whole:
            found.append("its tool has a door of its own, which does not tell what it would remove")
        return found


class Folder(Beside):
    """A folder of this machine, as the account that runs us meets it."""

    def __init__(self, path: Path) -> None:
        self._path, uid = path, os.geteuid()
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:
            name = "?"
        self.writer, self.almighty = f"{name} (uid {uid})", uid == 0
        self.through, self.whole = "this machine's files", True

    def read(self, name: str) -> bytes | None:
        try:
            handle = os.open(self._path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            if not self._path.is_dir():
                raise
            return None
        with os.fdopen(handle, "rb") as file:
            return file.read(MOST)

    def create(self, name: str, content: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self._path / name, flags, 0o644), "wb") as file:
            file.write(content)

    def remove(self, name: str) -> None:
        (self._path / name).unlink()

    def rename(self, name: str, other: str) -> None:
        (self._path / name).rename(self._path / other)

    def overwrite(self, name: str, content: bytes) -> None:
        flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(self._path / name, flags), "wb") as file:
            file.write(content)

    def loosen(self, name: str) -> None:
        (self._path / name).chmod(0o644)

    def own_folder(self, name: str) -> bool:
        file = (self._path / name).lstat()
        return stat.S_ISREG(file.st_mode) and file.st_uid == self._path.stat().st_uid


def _said(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
