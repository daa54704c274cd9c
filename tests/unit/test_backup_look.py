"""What is told of a target when its jobs meet different troubles."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from inventory.backup.model import Job, Schedule, Target
from inventory.backup.rules import Judged
from ops.adapters.backup import Broken, WrongPassword
from ops.adapters.backup_look import Look, _closed
from ops.errors import OpsError, Unreachable

TARGET = Target("vault", "restic", "/r", "disk", "x", "y", "")
MET = [Broken(TARGET, "pack 1234 is damaged"), Unreachable("it broke off"), WrongPassword("does not open")]


def job(name: str) -> Job:
    return Job(name, "FS-1", "vault", ("/srv",), Schedule(timedelta(days=1)), timedelta(), timedelta())


@pytest.mark.parametrize("met", list(permutations(MET)))
def test_damage_that_one_job_met_is_not_hidden_by_what_another_met(met: tuple[OpsError, ...]) -> None:
    found = Look(TARGET)
    for number, error in enumerate(met):
        _closed(found, [job(f"job-{number}")], error)
    assert [(one.rule, one.verdict) for one in found.all] == [("opens", "FAIL"), ("structure", "FAIL")]
    assert "pack 1234" in found.whole[0].because
    assert found.refused, "the copy of the key is tried"
    assert set(found.jobs) == {"job-0", "job-1", "job-2"}


@pytest.mark.parametrize(
    ("offline", "verdict", "fixed"),
    [(True, "FAIL", False), (True, "", True), (False, "PASS", True), (False, "FAIL", False), (False, "UNKNOWN", None)],
)
def test_what_was_just_removed_there_can_be_changed_whatever_is_said_of_it(
    offline: bool, verdict: str, fixed: bool | None
) -> None:
    seen = Look(Target("vault", "restic", "/x", "disk", "here", "rack", "", offline=offline))
    seen.held = [Judged("sentinel", verdict, "tried")] if verdict else []
    assert seen.fixed is fixed
