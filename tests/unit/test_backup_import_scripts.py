"""``ops backup import`` reads the scripts that cron and systemd start, one step far."""

from __future__ import annotations

import pytest

from inventory.backup.existing import Existing, existing
from inventory.backup.proposal import proposal
from inventory.lab.job import Job, registry
from ops.errors import NotFound


def scripted(scripts: dict[str, str], command: str) -> Existing:
    def ask(path: str) -> str:
        if path not in scripts:
            raise NotFound("it cannot be read")
        return scripts[path]

    return existing({"/etc/cron.d/backup": f"30 1 * * * root {command}\n"}, ask)


@pytest.mark.parametrize("job", registry(), ids=lambda job: job.name)
def test_a_script_that_cron_starts_is_read(job: Job) -> None:
    """Those of the practice network."""
    made = scripted({f"/etc/backup/{job.name}": job.script}, f"/etc/backup/{job.name} >>/var/log/x.log 2>&1")
    (one,) = made.jobs
    assert (one.tool, one.paths, one.when.at, made.unclear) == (job.tool, job.paths, "01:30", [])
    assert one.origin == f"/etc/backup/{job.name}, of /etc/cron.d/backup"
    assert "/etc/backup/attic.password" not in proposal({"fs1": made}, {}), "what prints a password is not copied"


@pytest.mark.parametrize(
    ("scripts", "command"),
    [
        ({}, "/opt/backup.sh"),
        ({"/opt/backup.sh": "#!/usr/bin/python3\nrestic backup /home\n"}, "/opt/backup.sh"),
        ({"/opt/backup.sh": "restic backup /home\n"}, "/opt/backup.sh"),
        (
            {"/opt/backup.sh": "#!/bin/sh\n/opt/more.sh\n", "/opt/more.sh": "#!/bin/sh\nrestic backup /home\n"},
            "/opt/backup.sh",
        ),
        ({"/opt/backup.sh": "#!/bin/sh\n# restic backup /home\n"}, "/opt/backup.sh"),
    ],
)
def test_what_is_no_script_of_shell_is_named(scripts: dict[str, str], command: str) -> None:
    made = scripted(scripts, command)
    assert (made.jobs, made.unclear) == ([], ["/etc/cron.d/backup calls backup.sh"])


@pytest.mark.parametrize("command", ["nice -n 9 /opt/b", "/opt/b && date", "sh /opt/b", "test -d /mnt && /opt/b"])
def test_a_script_is_found_behind_what_starts_it(command: str) -> None:
    (one,) = scripted({"/opt/b": "#!/bin/bash\nrestic -r /mnt/r backup \\\n  /home\n"}, command).jobs
    assert (one.where, one.paths) == ("/mnt/r", ("/home",))
