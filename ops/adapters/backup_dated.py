"""What folders of dated backups, packed or plain, have in common: no key opens them, and each is counted once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from inventory.backup.model import Target
from ops.errors import NotOffered
from ops.private import appearing

HASHED = ".sha256"  # ends the name of the checksums beside a backup, as sha256sum(1) writes them
COUNTED = 11  # newest ones that are counted
MOST = 1000  # characters of what is wrong


class Counts:
    """What was counted of each backup of a target, by its key, in a private folder."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._file = folder / f"{target.tool}-{sha256(target.where.encode()).hexdigest()[:16]}.json"

    def known(self) -> dict[str, Any]:
        """What was kept the last time; empty where that cannot be read."""
        with suppress(OSError, ValueError):
            found: dict[str, Any] = json.loads(self._file.read_text())
            return found
        return {}

    def keep(self, counts: Mapping[str, Any]) -> None:
        """Keep these and no others; where that cannot be, they are counted again."""
        with suppress(OSError), appearing(self._file, replace=True) as file:
            file.write(json.dumps(counts).encode())


def keyless(target: Target, what: str) -> NotOffered:
    """The refusal where a key is to be tried."""
    hint = "write encrypted: false, and leave escrow out"
    return NotOffered(f"{target.name}: {what} are opened with no key", hint=hint)
