"""A job that stopped some days ago."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inventory.lab.spoiling import Spoilt, files


class StaleJob(Spoilt):
    """The newest backup is of some nights ago, and nobody was told."""

    name = "stale-job"
    symptom = "No mail about failed backups came this week. Does that mean that last night's backups of fs1 are there?"
    lesson = "A job that does not run sends no mail either. What counts is how old the newest data are."

    def chosen(self) -> Sequence[Path]:
        return files("snapshots")[1:]

    def there(self) -> bool:
        """None was made since the newest of those that were taken away."""
        taken = max((kept.stat().st_mtime for kept, _ in self.kept()), default=0.0)
        return not any(path.stat().st_mtime >= taken for path in files("snapshots"))


FAULT = StaleJob()
