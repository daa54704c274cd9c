"""The data of the server with its database, packed, where nothing can be taken away."""

from __future__ import annotations

from datetime import time

from inventory.lab.job import Job
from inventory.lab.jobs.srv1_data import BOOKINGS

JOB = Job("srv1-archive", "srv1", "SRV-1", "tar", "archive-srv1", ("/srv/data",), time(0, 50), BOOKINGS)
