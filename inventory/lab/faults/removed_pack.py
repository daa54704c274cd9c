"""A file of a repository was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inventory.lab.spoiling import Spoilt, files, largest


class RemovedPack(Spoilt):
    """Somebody made room on the backup host."""

    name = "removed-pack"
    symptom = "Somebody made room on bak1 and does not remember what was deleted. Nothing looks amiss."
    lesson = "A listing of backups is in small files of its own: it stays whole when the data are gone."

    def chosen(self) -> Sequence[Path]:
        return [largest("data"), *files("index")]

    def spoil(self, path: Path) -> None:
        if path.parent.name != "index":
            path.unlink()

    def there(self) -> bool:
        """Gone, and the index still names it: whoever mends it writes a new index."""
        (_, pack), *index = self.kept()
        return not pack.exists() and all(path.exists() for _, path in index)


FAULT = RemovedPack()
