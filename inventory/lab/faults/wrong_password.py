"""The password that is known does not open the repository any more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inventory.lab.spoiling import Spoilt, files


class WrongPassword(Spoilt):
    """A key was removed from the repository; the one in the safe still opens it."""

    name = "wrong-password"
    symptom = "A colleague tidied the keys of the vault on the last day. Could we open it, if we had to?"
    lesson = "A backup nobody can open is none. The key in the safe is for this day: restic key add, and try both."

    def chosen(self) -> Sequence[Path]:
        return files("keys")[:1]

    def there(self) -> bool:
        return len(files("keys")) < 2  # noqa: PLR2004  the one of each day, and the one in the safe


FAULT = WrongPassword()
