"""Closing the process that may hold a password: no core dump, and no other process may look inside."""

from __future__ import annotations

import ctypes
import resource
from contextlib import suppress

SET_DUMPABLE = 4  # prctl(2)


def harden() -> None:
    """Must come after a practice network was entered: afterwards our own files under /proc are not ours to write."""
    with suppress(OSError, ValueError, AttributeError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)
