"""The shares of the file server once more, as plain files of each day."""

from __future__ import annotations

from datetime import time

from inventory.lab.job import Job

JOB = Job("fs1-shares", "fs1", "FS-1", "rsync", "mirror", ("/srv/share",), time(1, 20))
