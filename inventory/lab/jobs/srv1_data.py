"""The data of the server, with borg."""

from __future__ import annotations

from datetime import time

from inventory.lab.job import Job

BOOKINGS = '{/srv/data/bookings.db: {kind: sqlite, query: "select count(*) from booking", at_least: "1600"}}'
JOB = Job("srv1-data", "srv1", "SRV-1", "borg", "attic", ("/srv/data",), time(0, 30), BOOKINGS)
