"""The index of a repository is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inventory.lab.spoiling import Spoilt, flip, largest, misnamed


class DamagedIndex(Spoilt):
    """What says where each piece of data lies cannot be read."""

    name = "damaged-index"
    symptom = "After a power cut bak1 came up again by itself. restic snapshots lists every night; is all well?"
    lesson = "The list of backups does not need the index, a restore does. restic rebuild-index makes it from the data."

    def chosen(self) -> Sequence[Path]:
        return [largest("index")]

    def spoil(self, path: Path) -> None:
        flip(path)

    def there(self) -> bool:
        return bool(misnamed("index"))


FAULT = DamagedIndex()
