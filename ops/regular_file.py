"""Files somebody names: only regular ones, of a bounded size. A pipe would hang, and a device has no end."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from ops.errors import InvalidRequest

LARGEST = 16 << 20  # bytes of a file that is read as a whole
ANY_SIZE = 1 << 62


def opened(path: Path, largest: int = LARGEST) -> BinaryIO:
    """The file, at its beginning; raise ``InvalidRequest`` for none, for what is no file, and for one too large."""
    hint = "give the path of a file"
    if path == Path():
        raise InvalidRequest("no file is named", hint=hint)
    try:
        handle = os.open(path.expanduser(), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it is no path"
        raise InvalidRequest(f"{path} cannot be read: {why}", hint=hint) from error
    found = os.fstat(handle)
    problem = "" if stat.S_ISREG(found.st_mode) else "is a folder" if stat.S_ISDIR(found.st_mode) else "is not a file"
    if found.st_size > largest and not problem:
        problem = f"is larger than {largest >> 20} MiB"
    if problem:
        os.close(handle)
        raise InvalidRequest(f"{path} {problem}", hint=hint)
    return os.fdopen(handle, "rb")


def content(path: Path, largest: int = LARGEST) -> bytes:
    """All of a file; raise ``InvalidRequest`` as ``opened`` does, and for one that cannot be read to its end."""
    with opened(path, largest) as file:
        try:
            found = file.read(largest + 1)
        except OSError as error:
            raise InvalidRequest(f"{path} cannot be read: {error.strerror}", hint="is its disk well?") from error
    if len(found) > largest:
        raise InvalidRequest(f"{path} grew while it was read", hint="name it again when it is finished")
    return found


def text(path: Path, encoding: str = "utf-8", largest: int = LARGEST) -> str:
    """The same as text; raise ``InvalidRequest`` also for what is none."""
    try:
        return content(path, largest).decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not text", hint="is it the right file?") from error
