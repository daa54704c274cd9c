"""What a backup program answers in JSON, and what to say where that is not what it is known to answer."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from ops.adapters.backup_tool import PATH
from ops.errors import Unreachable

ODD = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)  # of other text, other shape

UNDECODED = re.compile("[\udc80-\udcff]")


@contextmanager
def understood(program: str) -> Iterator[None]:
    """Take apart what it answered; raise ``Unreachable`` where that is something else than it is known to say."""
    try:
        yield
    except ODD as error:
        hint = (
            f"is {shutil.which(program, path=PATH) or program} another program, or a version of it that is not known?"
        )
        raise Unreachable(f"{program} answered what was not understood", hint=hint) from error


def lossy(path: str, lost: str) -> str:
    """A path as a program lists it that writes ``lost`` for each octet that is no UTF-8."""
    return UNDECODED.sub(lost, path)
