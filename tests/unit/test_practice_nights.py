"""The backups of the practice network are well at whatever time of the day it is brought up, and for a while after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from inventory.backup import rules
from inventory.backup.model import Run
from inventory.backup.reading import read_backups
from inventory.lab import Running
from inventory.lab.data import last_night
from inventory.lab.job import registry
from inventory.lab.protected import backups_text

MIDNIGHT = datetime(2026, 11, 27, tzinfo=UTC)
PLAN = read_backups(backups_text(cast("Running", SimpleNamespace(folder=Path("/lab"), domain="lab.example"))))


@pytest.mark.parametrize("minutes", range(0, 24 * 60, 10))
def test_at_first_its_jobs_are_fresh_and_on_time(minutes: int) -> None:
    up = MIDNIGHT + timedelta(minutes=minutes)
    made = {job.name: job.moment(last_night(up)) for job in registry()}
    assert max(made.values()) < up, "none is still to come"
    for look in (up, up + timedelta(hours=2)):
        for job in PLAN.jobs:
            run = Run("x", made[job.name], made[job.name], paths=job.paths)
            assert rules.freshness(PLAN.systems[job.system], job, [run], look).verdict == "PASS", (job.name, look)
            assert rules.start(job, [run], look).verdict == "PASS", (job.name, look)
