"""Jobs for once, at a time: Debian's at."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from inventory.lab.services import accounts

PACKAGES = ("at",)
SPOOL = Path("/var/spool/cron")


def serve() -> None:
    """Open the queue to everybody, and start the daemon."""
    accounts.door("atd")
    Path("/etc/at.deny").touch()
    for name in ("atjobs", "atspool"):
        (SPOOL / name).mkdir(exist_ok=True)
        (SPOOL / name).chmod(0o1770)
    (SPOOL / "atjobs/.SEQ").touch(mode=0o600)
    for name in ("atjobs", "atspool", "atjobs/.SEQ"):
        os.chown(SPOOL / name, accounts.number("passwd", "daemon"), accounts.number("group", "daemon"))
    with Path("/var/log/atd.log").open("wb") as log:
        subprocess.Popen(["/usr/sbin/atd", "-f"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
