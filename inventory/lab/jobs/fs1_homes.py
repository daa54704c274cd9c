"""Homes and shares of the file server, with restic."""

from __future__ import annotations

from datetime import time

from inventory.lab.job import Job

JOB = Job("fs1-homes", "fs1", "FS-1", "restic", "vault", ("/srv/home", "/srv/share"), time(1, 0))
