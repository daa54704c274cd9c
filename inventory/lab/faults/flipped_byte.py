"""One bit of a backup is not as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inventory.lab.spoiling import Spoilt, flip, largest, misnamed


class FlippedByte(Spoilt):
    """A disk that ages: everything is there, in its size, and every listing looks well."""

    name = "flipped-byte"
    symptom = "bak1's disks are six years old. Are the backups in the vault still good? restic check says so."
    lesson = "A listing and a check of the structure read no data. Only reading all of it in turn, or a restore, tells."

    def chosen(self) -> Sequence[Path]:
        return [largest("data")]

    def spoil(self, path: Path) -> None:
        flip(path)

    def there(self) -> bool:
        return bool(misnamed("data"))


FAULT = FlippedByte()
