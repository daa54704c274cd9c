"""A folder that is to be copied is not where the job looks for it."""

from __future__ import annotations

import json
from typing import Any

from inventory.lab.data import SHARES
from inventory.lab.fault import Fault
from inventory.lab.host import run
from inventory.lab.job import SECRETS

AWAY = SHARES.with_name(".share-not-mounted")
RESTIC = ("restic", "-r", "sftp:bak1:/srv/backup/restic", "--password-file", f"{SECRETS}/vault.password", "--no-cache")


class MissingSource(Fault):
    """Not mounted in the night; restic copied the rest, and called it a success."""

    name, host = "missing-source", "fs1"
    symptom = (
        "fs1 was restarted yesterday. The job fs1-homes ended well since, says its log. Is all of it in the backup?"
    )
    lesson = "restic leaves out a path that is not there, and ends with 0. Compare what is in it with what should be."

    def plant(self) -> None:
        if SHARES.exists():
            SHARES.rename(AWAY)
        run(f"{SECRETS}/fs1-homes", timeout=60)

    def there(self) -> bool:
        made = _snapshots()
        return not SHARES.exists() or str(SHARES) not in max(made, key=lambda one: str(one["time"]))["paths"]

    def clear(self) -> None:
        if AWAY.exists() and not SHARES.exists():
            AWAY.rename(SHARES)
        if short := [one["id"] for one in _snapshots() if str(SHARES) not in one["paths"]]:
            run(*RESTIC, "--quiet", "forget", *short, timeout=60)


def _snapshots() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(*RESTIC, "snapshots", "--json", timeout=60))
    return found


FAULT = MissingSource()
