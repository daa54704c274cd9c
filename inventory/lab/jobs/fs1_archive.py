"""The shares of the file server, packed, where nothing can be taken away."""

from __future__ import annotations

from datetime import time

from inventory.lab.job import Job

JOB = Job("fs1-archive", "fs1", "FS-1", "tar", "archive-fs1", ("/srv/home", "/srv/share"), time(1, 40))
