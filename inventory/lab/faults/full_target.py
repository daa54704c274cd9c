"""A disk that backups go to is full."""

from __future__ import annotations

import os
import shutil

from inventory.lab.fault import Fault
from inventory.lab.spoiling import RESTIC

IMAGE = RESTIC / "old-server.img"
LEFT = 4096  # octets that stay free: not even a small backup finds room
ROOM = 0.03  # share that must be free again


class FullTarget(Fault):
    """Somebody put the image of an old server where there was so much room."""

    name, host = "full-target", "bak1"
    symptom = "All backups of last night are there, says Bob Ray. Will tonight's be too?"
    lesson = "A backup that finds no room is none, and what was made before looks well for a day more. Watch the room."

    def plant(self) -> None:
        handle = os.open(IMAGE, os.O_WRONLY | os.O_CREAT, 0o640)
        try:
            os.posix_fallocate(handle, 0, max(shutil.disk_usage(RESTIC).free - LEFT, LEFT))
        finally:
            os.close(handle)

    def there(self) -> bool:
        seen = shutil.disk_usage(RESTIC)
        return seen.free < ROOM * seen.total

    def clear(self) -> None:
        IMAGE.unlink(missing_ok=True)


FAULT = FullTarget()
