"""A file that comes back, written down below a folder of our own: only folders and regular files of ours are there."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from inventory.backup.model import Target
from ops.adapters.backup import Damaged, refused
from ops.errors import OpsError


def written_down(target: Target, pieces: Iterable[bytes], into: Path, path: str, time: int) -> None:
    """Write one file at its whole path below a folder, with the time it had, in nanoseconds since 1970."""
    to = into / path.lstrip("/")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            to.unlink()  # of two of one name the later counts
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
        os.utime(to, ns=(time, time))
    except OSError as error:
        raise _unwritten(target, error) from error


def _unwritten(target: Target, error: OSError) -> OpsError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return refused(target, "no room", "")
    return Damaged(target, f"a file in it cannot be written down ({error.strerror})")
