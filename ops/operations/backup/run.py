"""Make a backup of a job now, with a manifest beside it, and read it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from ops.adapters.backup import BackupReader, job_named
from ops.adapters.backup_change import AllThere, Backup
from ops.change import Part
from ops.errors import InvalidRequest
from ops.operation import operation

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")


@operation
def run(
    backup: BackupReader,
    job: Annotated[str, "the job, by its name in backups.yaml"],
) -> Iterator[Part]:
    """Make a backup of a job with the tool of its target, put a manifest of every file beside it, and read it back.

    Nothing is written where a path of the job is missing or may not be read. What changes while it runs is marked and
    compared with nothing later. Then the files are counted against the manifest, and a few are brought back. A backup
    that was made is never removed again, so there is no way back.
    """
    wanted = job_named(backup.plan, job)
    if not NAME.fullmatch(wanted.name):
        hint = "give it a name of plain letters, digits, dots and hyphens in backups.yaml"
        raise InvalidRequest(f"{wanted.name!r} cannot name a backup", hint=hint)
    target = backup.plan.targets[wanted.target]
    what = {"paths": ", ".join(wanted.paths), "target": target.name, "tool": target.tool}
    yield AllThere(wanted.name)
    yield Backup(wanted.name, {}, what, wanted.system)
