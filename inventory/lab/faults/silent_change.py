"""Files whose content changed, and whose size and time did not."""

from __future__ import annotations

import os
from pathlib import Path

from inventory.lab.data import SHARES, SHELVES, octets
from inventory.lab.fault import Fault
from inventory.lab.people import DEPARTMENTS

NAME = "Contacts.csv"


class SilentChange(Fault):
    """A disk gave other octets back, or somebody hid what they did: no listing shows it."""

    name, host = "silent-change", "fs1"
    symptom = "Sales says that their Contacts.csv is rubbish. Nobody has touched it since March, says ls -l."
    lesson = "Size and time prove nothing of the content. Bring a file back from before, and compare the two by hash."

    def plant(self) -> None:
        for path, body in _files().items():
            told = path.stat()
            path.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
            os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))

    def there(self) -> bool:
        return any(path.read_bytes() != body for path, body in _files().items() if path.is_file())

    def clear(self) -> None:
        for path, body in _files().items():
            told = path.stat()
            path.write_bytes(body)
            os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))


def _files() -> dict[Path, bytes]:
    """The file of each department as it should be."""
    return {SHARES / one / NAME: octets(f"{one} {NAME}", SHELVES[NAME]) for one in DEPARTMENTS}


FAULT = SilentChange()
