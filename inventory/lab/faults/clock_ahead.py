"""A backup whose time is still to come."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from inventory.lab.fault import Fault
from inventory.lab.host import run
from inventory.lab.job import SECRETS

REPOSITORY = "ssh://bak1/srv/backup/borg"
OPENS = {"BORG_PASSCOMMAND": f"cat {SECRETS}/attic.password", "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}
OPENS |= {"BORG_BASE_DIR": "/var/cache/borg", "TZ": "UTC"}


class ClockAhead(Fault):
    """The clock of the server was days ahead when its job ran; it was set right since."""

    name, host = "clock-ahead", "srv1"
    symptom = "srv1's clock was wrong for a day, says Research. Its backups look fresh, and will for days. Are they?"
    lesson = "A backup of a moment to come says nothing of its age. Set the clock, delete it, run the job again."

    def plant(self) -> None:
        ahead = datetime.now(UTC) + timedelta(days=3)
        run(f"{SECRETS}/srv1-data", env=os.environ | {"AT": f"{ahead:%Y-%m-%dT%H:%M:%S}"}, timeout=60)

    def there(self) -> bool:
        return bool(_to_come())

    def clear(self) -> None:
        if names := _to_come():
            run("borg", "delete", REPOSITORY, *names, env=os.environ | OPENS, timeout=60)


def _to_come() -> list[str]:
    """Archives that say they are of a moment that has not been yet; their names end with it."""
    names = run("borg", "list", "--short", REPOSITORY, env=os.environ | OPENS, timeout=60).split()
    return [name for name in names if name[-19:] > f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"]


FAULT = ClockAhead()
