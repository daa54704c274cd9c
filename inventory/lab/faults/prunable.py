"""Whoever writes backups can remove them too."""

from __future__ import annotations

from inventory.lab.fault import Fault
from inventory.lab.services.vaults import DOOR, SCRIPT, SFTP, UNCHANGING

ADDS = f"{SFTP} -u 0227 -P {UNCHANGING}"


class Prunable(Fault):
    """The account that only adds was let change things."""

    name, host = "prunable", "bak1"
    symptom = "A packed backup arrived broken; a colleague let srv1 send it again. What else can it do now?"
    lesson = "A server that can remove its backups loses both to whoever takes it over. Let its key add, and no more."

    def plant(self) -> None:
        DOOR.write_text(SCRIPT.replace(ADDS, f"{SFTP} -u 0027"))

    def there(self) -> bool:
        return not any("-P" in line for line in DOOR.read_text().splitlines() if "add " in line and "exec" in line)

    def clear(self) -> None:
        DOOR.write_text(SCRIPT)


FAULT = Prunable()
