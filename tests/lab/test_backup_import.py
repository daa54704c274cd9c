"""What cron runs on the practice network's hosts is proposed as jobs, read with the account of an operator."""

from __future__ import annotations

import pytest

from inventory.lab import Running
from inventory.lab.job import SECRETS, jobs_of
from tests.lab.test_backup_faults import on_host
from tests.lab.test_faults import mine
from tests.workspace import Desk

__all__ = ["mine"]
pytestmark = pytest.mark.lab


@pytest.mark.parametrize("host", ["fs1", "srv1"])
def test_each_job_of_a_host_is_proposed_with_its_tool_and_its_paths(mine: Desk, network: Running, host: str) -> None:
    if not network.keeps_backups:
        pytest.skip(f"mode {network.mode} has no backup host")
    said = mine.ops("backup", "import", "--host", host)
    assert said.code == 0, said.err
    for job in jobs_of(host):
        assert f"# from {SECRETS}/{job.name}, of /etc/cron.d/backup" in said.out
        assert said.out.count("paths: [" + ", ".join(f'"{path}"' for path in job.paths) + "]") >= 1
        assert f"tool: {job.tool}\n" in said.out
    assert f"{len(jobs_of(host))} jobs found" in said.err
    assert "/etc/cron.d/backup calls" not in said.out, "nothing is left that was not understood"


def test_what_opens_the_backups_is_for_root_only(network: Running) -> None:
    if not network.keeps_backups:
        pytest.skip(f"mode {network.mode} has no backup host")
    names = on_host(network, "fs1", "ls", SECRETS).split()
    hidden = {name for name in names if not name.startswith("fs1-")}
    assert {"id_backup", "id_archive", "vault.password"} <= hidden
    for name in hidden:
        with pytest.raises(AssertionError, match="Permission denied"):
            on_host(network, "fs1", "setpriv", "--reuid=65534", "--clear-groups", "cat", f"{SECRETS}/{name}")
    assert on_host(network, "fs1", "setpriv", "--reuid=65534", "--clear-groups", "cat", f"{SECRETS}/fs1-homes")
