"""A disk that is full."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from inventory.lab.fault import Fault

LOG = Path("/var/log/app/debug.log")
ROOM = 16 << 20  # octets that must be free again


class FullDisk(Fault):
    """A log that nobody rotates."""

    name, host = "full-disk", "srv1"
    symptom = "On srv1 nothing can be saved any more, says Research."
    lesson = "df -h says what is full, du -x says by what. A log that grows needs logrotate, not only rm."

    def plant(self) -> None:
        LOG.parent.mkdir(exist_ok=True)
        handle = os.open(LOG, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.posix_fallocate(handle, 0, max(shutil.disk_usage("/").free - 4096, 4096))
        finally:
            os.close(handle)

    def there(self) -> bool:
        return shutil.disk_usage("/").free < ROOM

    def clear(self) -> None:
        LOG.unlink(missing_ok=True)


FAULT = FullDisk()
