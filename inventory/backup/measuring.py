"""The regular files below some paths as they are on this machine now: walked in the order of a manifest, and hashed.

A link is no file and is not followed. What disappears while it is looked at was not there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from inventory.backup.assurance import shown
from inventory.backup.manifest import Measured, place
from ops.errors import Refused

PIECE = 1 << 18
SECOND = 10**9  # nanoseconds
UNREAD = "0" * 64  # in place of the hash of a file that came while a backup ran
NOFOLLOW = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Seen(NamedTuple):
    """One file, not opened."""

    path: str
    size: int
    mtime: int


def absent(paths: Iterable[str]) -> list[str]:
    """The paths that a backup could not be made of, each with the reason."""
    found = []
    for path in paths:
        try:
            mode = os.lstat(path).st_mode
        except OSError as error:
            found.append(f"{path} ({error.strerror})")
            continue
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            found.append(f"{path} ({'a link: name what it leads to' if stat.S_ISLNK(mode) else 'no folder, no file'})")
    return found


def apart(paths: Iterable[str]) -> list[str]:
    """The paths without those that lie in another one, in the order of a walk."""
    found: list[str] = []
    for path in sorted({path.rstrip("/") or "/" for path in paths}, key=place):
        if not (found and f"{path}/".startswith(f"{found[-1].rstrip('/')}/")):
            found.append(path)
    return found


def walked(paths: Iterable[str]) -> Iterator[Seen]:
    """Every regular file below these paths."""
    for path in apart(paths):
        try:
            one = os.lstat(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unreadable(path, error) from None
        if stat.S_ISDIR(one.st_mode):
            yield from _below(path.rstrip("/"))
        elif stat.S_ISREG(one.st_mode):
            yield Seen(path, one.st_size, one.st_mtime_ns)


def _below(root: str) -> Iterator[Seen]:
    """No recursion: folders may lie as deep as a path can be long."""
    waiting = [iter(_listed(root))]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(iter(_listed(entry.path)))
            elif entry.is_file(follow_symlinks=False):
                one = entry.stat(follow_symlinks=False)
                yield Seen(entry.path, one.st_size, one.st_mtime_ns)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unreadable(entry.path, error) from None


def _listed(folder: str) -> Sequence[os.DirEntry[str]]:
    try:
        with os.scandir(folder or "/") as found:
            return sorted(found, key=lambda entry: os.fsencode(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise unreadable(folder, error) from None


def measured(paths: Iterable[str]) -> Iterator[Measured]:
    """Every regular file below these paths with its SHA-256; raise ``Refused`` for one that may not be read."""
    buffer = memoryview(bytearray(PIECE))
    for one in walked(paths):
        found = _hashed(one, buffer)
        if found:
            yield found


def _hashed(one: Seen, buffer: memoryview) -> Measured | None:
    try:
        handle = os.open(one.path, NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(one.path, error) from None
    try:
        digest = sha256()
        size = 0
        while got := os.readv(handle, [buffer]):
            digest.update(buffer[:got])
            size += got
            if (got < PIECE and size == one.size) or size > one.size:  # else one that grows would never end
                break
    except OSError as error:
        raise unreadable(one.path, error) from None
    finally:
        os.close(handle)
    return Measured(one.path, one.size, one.mtime, digest.hexdigest(), size == one.size)


def same(now: Seen | None, wanted: Seen) -> bool:
    """Whether a file has this size and time; a whole second is any moment of it, for some backups keep no more."""
    if now is None or now.size != wanted.size:
        return False
    return wanted.mtime in (now.mtime, now.mtime // SECOND * SECOND)


def unchanged(wanted: Seen) -> str:
    """The SHA-256 of a file that has this size and time, before it is read and after; empty for any other."""
    now = _now(wanted.path)
    if now is None or not same(now, wanted):
        return ""
    try:
        found = _hashed(now, memoryview(bytearray(PIECE)))
    except Refused:
        return ""
    return found.sha256 if found and found.settled and _now(wanted.path) == now else ""


def _now(path: str) -> Seen | None:
    try:
        one = os.lstat(path)
    except OSError:
        return None
    return Seen(path, one.st_size, one.st_mtime_ns) if stat.S_ISREG(one.st_mode) else None


def compared(before: Iterable[Measured], now: Iterable[Seen]) -> Iterator[Measured]:
    """What was measured; what has changed in size or time since, is gone, or is new, is marked as not settled."""
    looks: tuple[Iterable[Measured | Seen], ...] = (before, now)
    for _, same in groupby(merge(*looks, key=lambda one: place(one.path)), key=lambda one: one.path):
        first, *rest = same
        if not isinstance(first, Measured):
            yield Measured(first.path, first.size, first.mtime, UNREAD, settled=False)
        elif rest and (first.size, first.mtime) == (rest[0].size, rest[0].mtime):
            yield first
        else:
            yield replace(first, settled=False)


def unreadable(path: str, error: OSError) -> Refused:
    """The refusal to make a backup in which something would be missing."""
    named = shown(path)
    if isinstance(error, PermissionError):
        return Refused(
            f"{named} may not be read, and would be missing", hint="run it as somebody who may read all of it"
        )
    hint = "a backup is made when all of it can be read: see to it, or move it away"
    return Refused(f"{named} cannot be read ({error.strerror}), and would be missing", hint=hint)
