"""Faults of a workspace's register: planted there, found by coverage, mended by what somebody would do, recorded."""

from __future__ import annotations

import pytest

from inventory.lab import Running
from inventory.lab.protected import backups_text
from tests.lab.test_faults import mine
from tests.workspace import Desk

__all__ = ["mine"]
pytestmark = pytest.mark.lab


@pytest.fixture
def at(mine: Desk, network: Running) -> Desk:
    (mine.folder / "inventory/backups.yaml").write_text(backups_text(network))
    return mine


def told(at: Desk, tag: str) -> dict[str, str]:
    """Rule → verdict of coverage on one asset."""
    rows = at.ops("backup", "coverage", "--json").json["findings"]
    return {one["rule"]: one["verdict"] for one in rows if one["subject"] == tag}


def test_a_system_without_a_job_is_found_until_it_has_one(at: Desk, network: Running) -> None:
    name = ("--name", network.folder.name)
    planted = at.ops("lab", "fault", "plant", "no-job", *name)
    assert planted.code == 0, planted.err
    assert told(at, "WEB-1")["has a job"] == "FAIL"
    assert told(at, "FS-1")["has a job"] == "PASS", "nothing else is blamed"
    assert at.ops("lab", "fault", "check", *name).code == 3
    plan = at.folder / "inventory/backups.yaml"
    system = "  WEB-1: {host: web1, rpo: 24h, rto: 4h, site: Leith}\n"
    job = "  web1-data: {system: WEB-1, target: vault, paths: [/srv/www], every: 1d}\n"
    text = plan.read_text().replace("targets:\n", f"{system}targets:\n", 1).replace("cadence:\n", f"{job}cadence:\n", 1)
    plan.write_text(text)
    assert told(at, "WEB-1")["has a job"] == "PASS"
    mended = at.ops("lab", "fault", "check", *name)
    assert mended.code == 0, mended.out + mended.err
    assert at.ops("evidence", "show", at.last_run(), "--json").json["op"]["planted"].startswith("no-job ")


def test_a_machine_that_is_gone_is_found_by_its_backup_and_cleared(at: Desk, network: Running) -> None:
    name = ("--name", network.folder.name)
    assert at.ops("lab", "fault", "plant", "disposed-machine", *name).code == 0
    assert told(at, "SRV-1")["in the register"] == "WARN"
    assert "in the register" not in {rule for rule, verdict in told(at, "FS-1").items() if verdict != "PASS"}
    again = at.ops("lab", "fault", "plant", "disposed-machine", *name)
    assert "it is planted already" in again.err
    assert at.ops("lab", "fault", "clear", *name).code == 0
    assert at.ops("asset", "show", "SRV-1").code != 0
    assert at.ops("lab", "fault", "check", *name).code == 0, "none is planted"


def test_what_somebody_entered_is_never_changed(at: Desk, network: Running) -> None:
    made = at.ops("asset", "add", "WEB-1", "server", "--yes")
    assert made.code == 0, made.err
    refused = at.ops("lab", "fault", "plant", "no-job", "--name", network.folder.name)
    assert refused.code != 0
    assert "the register has an asset WEB-1 already" in refused.err
