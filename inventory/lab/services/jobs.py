"""The jobs of a host: their scripts, what opens their targets, the key that writes, and cron at their times."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.lab.job import SECRETS, jobs_of
from inventory.lab.services import vaults

if TYPE_CHECKING:
    from inventory.lab.network import Network

SSH_CONFIG = f"""Host bak1
  User {vaults.WRITER}
  IdentityFile {SECRETS}/id_backup
  IdentityFile {SECRETS}/id_archive
  IdentitiesOnly yes
"""
OPENS = {"restic": ("vault",), "borg": ("attic",)}


def furnish(root: Path, network: Network, host: str) -> None:
    """Put keys and passwords into the host's files, while what made them is still in sight."""
    folder = root / SECRETS.lstrip("/")
    folder.mkdir(mode=0o755)  # scripts may be read, keys and passwords not
    for word, name in (("write", "id_backup"), ("add", "id_archive")):
        shutil.copyfile(network.folder / f"keys/backup-{word}", folder / name)
    for job in jobs_of(host):
        for name in OPENS.get(job.tool, ()):
            shutil.copyfile(network.folder / f"secrets/backup-{name}", folder / f"{name}.password")
    for path in folder.iterdir():
        path.chmod(0o600)


def serve(host: str) -> None:
    """The scripts, and a table of cron that runs them at their times, which are those of UTC."""
    Path("/etc/ssh/ssh_config").write_text(SSH_CONFIG)
    Path("/etc/cron.d").mkdir(exist_ok=True)
    rows = ["SHELL=/bin/sh"]
    for job in jobs_of(host):
        script = Path(SECRETS, job.name)
        script.write_text(job.script)
        script.chmod(0o755)
        at = datetime.combine(datetime.now(UTC), job.at, UTC).astimezone()
        rows.append(f"{at.minute} {at.hour} * * * root {script} >>/var/log/{job.name}.log 2>&1")
    table = Path("/etc/cron.d/backup")
    table.write_text("\n".join(rows) + "\n")
    table.chmod(0o644)
