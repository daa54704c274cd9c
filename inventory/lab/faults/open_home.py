"""A home folder that everybody can read and write."""

from __future__ import annotations

from pathlib import Path

from inventory.lab.fault import Fault

HOME = Path("/srv/home/jnunez")


class OpenHome(Fault):
    """chmod 777, to make something work."""

    name, host = "open-home", "fs1"
    symptom = "José Núñez (jnunez) says that a colleague knew what stands in his private notes on the file server."
    lesson = "Mode 777 on a home lets everybody read and write. 700, and an access list for those who may: setfacl."

    def plant(self) -> None:
        HOME.chmod(0o777)

    def there(self) -> bool:
        return HOME.is_dir() and bool(HOME.stat().st_mode & 0o077)

    def clear(self) -> None:
        HOME.chmod(0o700)


FAULT = OpenHome()
