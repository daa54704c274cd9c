"""root may sign in over SSH."""

from __future__ import annotations

from pathlib import Path

from inventory.lab.fault import Fault
from inventory.lab.host import run
from inventory.lab.services import ssh

CONFIG = Path("/etc/ssh/sshd_config")


class RootLogin(Fault):
    """Opened for a moment, never closed."""

    name, host = "root-login", "srv1"
    symptom = "An auditor asks whether root can sign in to srv1 over SSH, and wants to see how you know."
    lesson = "sshd -T prints what is in force. Root signs in as nobody: people sign in as themselves and use sudo."

    def plant(self) -> None:
        self._set("yes")

    def there(self) -> bool:
        return "permitrootlogin no" not in run("/usr/sbin/sshd", "-T").splitlines()

    def clear(self) -> None:
        self._set("no")

    @staticmethod
    def _set(word: str) -> None:
        lines = CONFIG.read_text().splitlines()
        kept = [f"PermitRootLogin {word}" if line.startswith("PermitRootLogin") else line for line in lines]
        CONFIG.write_text("\n".join(kept) + "\n")
        ssh.reload()


FAULT = RootLogin()
