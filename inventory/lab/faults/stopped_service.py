"""A service that is not running."""

from __future__ import annotations

from inventory.lab.fault import Fault
from inventory.lab.host import run
from inventory.lab.services import cron


class StoppedService(Fault):
    """cron was stopped and forgotten."""

    name, host = "stopped-service", "srv1"
    symptom = "The reports that srv1 makes every morning have not come for two days."
    lesson = "A right crontab runs nothing without the daemon: ps -C cron first, then the crontab, then the log."

    def plant(self) -> None:
        run("pkill", "-x", "cron")

    def there(self) -> bool:
        return "cron" not in run("ps", "-e", "-o", "comm=").split()

    def clear(self) -> None:
        if self.there():
            cron.serve()


FAULT = StoppedService()
