"""A job that is planned and has never run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inventory.lab.spoiling import Spoilt, files


class NeverRan(Spoilt):
    """The repository is there and in order, with nothing in it."""

    name = "never-ran"
    symptom = "The homes of fs1 are in the plan of backups, says the handbook. When were they copied last?"
    lesson = "A plan and an empty repository look well. Ask for a backup, not for a job."

    def chosen(self) -> Sequence[Path]:
        return files("snapshots")

    def there(self) -> bool:
        return not files("snapshots")


FAULT = NeverRan()
