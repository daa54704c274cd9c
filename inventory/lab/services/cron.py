"""Jobs at their times: Debian's cron."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from inventory.lab.services import accounts

SPOOL = Path("/var/spool/cron/crontabs")


def serve() -> None:
    """Start the daemon."""
    accounts.door("cron")
    os.chown(SPOOL, 0, accounts.number("group", "crontab"))
    SPOOL.chmod(0o1730)
    argv = ["/usr/sbin/cron", "-f", "-L", "0"]
    with Path("/var/log/cron.log").open("wb") as log:
        subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


def jobs(name: str, text: str) -> None:
    """Give an account a table of jobs, as crontab(1) would leave it."""
    path = SPOOL / name
    path.write_text(text)
    path.chmod(0o600)
    os.chown(path, accounts.number("passwd", name), accounts.number("group", "crontab"))
