"""A leaver whose login on a server was forgotten."""

from __future__ import annotations

import subprocess
from pathlib import Path

from inventory.lab.fault import Fault
from inventory.lab.services import accounts, cron

WHO, UID = "was.here", 10990
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBo0bm90LWEtcmVhbC1rZXktb2YtYW55Ym9keS0xMjM0 wes@laptop\n"


class ForgottenKey(Fault):
    """The directory account was disabled; nobody thought of the server."""

    name, host = "forgotten-key", "srv1"
    symptom = "Wes Here (was.here) left long ago. Yet every night a report with his name is made on srv1."
    lesson = "A disabled account closes the directory, not the hosts. ops host close-user takes login, keys and jobs."

    def plant(self) -> None:
        if f"\n{WHO}:" not in Path("/etc/passwd").read_text():
            accounts.add(WHO, UID, "Wes Here")
        accounts.authorize(WHO, KEY)
        cron.jobs(WHO, "15 2 * * * touch $HOME/report-of-was.here\n")

    def there(self) -> bool:
        rows = [line.split(":") for line in Path("/etc/shadow").read_text().splitlines()]
        shadow = next((row for row in rows if row[0] == WHO), None)
        shut = shadow is None or (shadow[1].startswith("!") and shadow[7] not in ("", "0"))
        keys, jobs = Path("/home", WHO, ".ssh/authorized_keys"), cron.SPOOL / WHO
        return not shut or keys.exists() or jobs.exists()

    def clear(self) -> None:
        (cron.SPOOL / WHO).unlink(missing_ok=True)
        subprocess.run(["userdel", "-r", WHO], capture_output=True, timeout=20, check=False)


FAULT = ForgottenKey()
