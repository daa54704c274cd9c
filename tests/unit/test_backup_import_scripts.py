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
    ("scripts", "said"),
    [
        ({}, "/etc/cron.d/backup starts /opt/nightly.sh: it cannot be read"),
        ({"/opt/nightly.sh": "#!/bin/sh\n/opt/inner-backup.sh\n", "/opt/inner-backup.sh": "#!/bin/sh\nrestic …\n"},
         "/opt/nightly.sh, of /etc/cron.d/backup calls inner-backup.sh"),
        ({"/opt/nightly.sh": "#!/bin/sh\nrestic -r /r forget --prune\n"},
         "/opt/nightly.sh, of /etc/cron.d/backup calls restic"),
    ],
)  # fmt: skip
def test_what_a_script_does_that_was_not_understood_is_named(scripts: dict[str, str], said: str) -> None:
    made = scripted(scripts, "/opt/nightly.sh")
    assert (made.jobs, made.unclear) == ([], [said])


@pytest.mark.parametrize("text", ["#!/usr/bin/python3\n", "", "#!/bin/sh\n# "])
def test_what_is_no_script_of_shell_is_named_by_its_name(text: str) -> None:
    made = scripted({"/opt/backup.sh": f"{text}restic backup /home\n"}, "/opt/backup.sh")
    assert (made.jobs, made.unclear) == ([], ["/etc/cron.d/backup calls backup.sh"])


@pytest.mark.parametrize("command", ["mkdir -p /mnt/here", "test -d /mnt/gone && /usr/bin/touch /mnt/x", "echo /opt/x"])
def test_an_argument_is_no_script_that_cannot_be_read(command: str) -> None:
    assert scripted({}, command) == Existing()


def test_of_two_scripts_the_one_that_was_not_understood_is_named_too() -> None:
    known = {"/opt/a": "#!/bin/sh\nrestic -r /mnt/r backup /home\n", "/opt/b": "#!/bin/sh\nsome-backup --all\n"}
    made = scripted(known, "/opt/a && /opt/b && /usr/bin/true")
    assert [one.where for one in made.jobs] == ["/mnt/r"]
    assert made.unclear == ["/opt/b, of /etc/cron.d/backup calls some-backup"]


@pytest.mark.parametrize("command", ["nice -n 9 /opt/b", "/opt/b && date", "sh /opt/b", "test -d /mnt && /opt/b"])
def test_a_script_is_found_behind_what_starts_it(command: str) -> None:
    (one,) = scripted({"/opt/b": "#!/bin/bash\nrestic -r /mnt/r backup \\\n  /home\n"}, command).jobs
    assert (one.where, one.paths) == ("/mnt/r", ("/home",))
