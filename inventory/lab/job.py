"""A job of the practice network: what one host copies to ``bak1`` each night, as a script that cron runs there.

The same script makes the nights that came before: then ``VAULT`` is a folder at hand and ``AT`` the moment meant.
One job is one file in ``jobs/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

VAULT = "/srv/backup"  # on bak1: what may be written and pruned there
ARCHIVE = "/srv/archive"  # on bak1: what can only be added to
SECRETS = "/etc/backup"
HEAD = """#!/bin/sh
# {about}
set -eu
export LC_ALL=C.UTF-8 HOME=/root
SECRETS=${{SECRETS:-{secrets}}}
AT=${{AT:-$(date -u '+%Y-%m-%dT%H:%M:%S')}}
umask 027
"""
BODIES: Mapping[str, str] = {
    "restic": """
TO=${VAULT:-sftp:bak1:/srv/backup}/restic
restic --quiet -r "$TO" --password-file "$SECRETS/vault.password" --no-cache \\
  backup --host @HOST@ --time "$(echo "$AT" | tr T ' ')" @PATHS@
if [ -n "${VAULT:-}" ]; then
  touch -d "${AT}Z" "$(ls -t "$TO"/snapshots/* | head -n 1)"
fi
""",
    "borg": """
TO=${VAULT:-ssh://bak1/srv/backup}/borg
export BORG_PASSCOMMAND="cat $SECRETS/attic.password" BORG_RELOCATED_REPO_ACCESS_IS_OK=yes
export BORG_BASE_DIR=${BASE:-/var/cache/borg}
exec borg --umask 0027 create --timestamp "$AT" "$TO::@NAME@-$AT" @PATHS@
""",
    "rsync": """
TO=${VAULT:-bak1:/srv/backup}/mirror
STAMP=$(echo "$AT" | tr -d :)Z
LAST=$(rsync --list-only "$TO/" | awk '{print $NF}' | grep '^[0-9].*Z$' | tail -n 1)
rsync -aR --numeric-ids ${LAST:+--link-dest="../$LAST"} @PATHS@ "$TO/$STAMP.partial"
if [ -n "${VAULT:-}" ]; then
  mv "$TO/$STAMP.partial" "$TO/$STAMP"
else
  echo "rename ${TO#*:}/$STAMP.partial ${TO#*:}/$STAMP" | sftp -q -b - bak1 >/dev/null
fi
""",
    "tar": """
NAME=@NAME@-$(echo "$AT" | tr -d :-)Z.tar.zst
MADE=$(mktemp -d)
trap 'rm -rf "$MADE"' EXIT
tar --zstd --numeric-owner -cf "$MADE/$NAME" -C / @BARE@
TO=/srv/archive/@HOST@/$NAME
if [ -n "${VAULT:-}" ]; then
  mv "$MADE/$NAME" "$TO"
  touch -d "${AT}Z" "$TO"
else
  echo "put $MADE/$NAME $TO" | sftp -q -b - archive@bak1 >/dev/null
fi
""",
}


@dataclass(frozen=True)
class Job:
    """One job; ``target`` is the place in ``backups.yaml``, ``at`` its time of the day in UTC."""

    name: str
    host: str
    system: str
    tool: str
    target: str
    paths: tuple[str, ...]
    at: time
    databases: str = "{}"  # as backups.yaml says it

    @property
    def script(self) -> str:
        """What cron runs."""
        about = f"{self.name}: {' and '.join(self.paths)} to {self.target} on bak1, with {self.tool}."
        words = {"@HOST@": self.host, "@NAME@": self.name, "@PATHS@": " ".join(self.paths)}
        words["@BARE@"] = " ".join(path.lstrip("/") for path in self.paths)
        text = HEAD.format(about=about, secrets=SECRETS) + BODIES[self.tool]
        for mark, word in words.items():
            text = text.replace(mark, word)
        return text

    def moment(self, night: date) -> datetime:
        """When it began in a night: a few seconds late, as cron is."""
        late = timedelta(seconds=2 + (night.toordinal() + len(self.name)) % 5)
        return datetime.combine(night, self.at, UTC) + late


@cache
def registry() -> list[Job]:
    """All jobs, in the order of the night; a host that has its own files by then remembers them."""
    folder = Path(__file__).parent / "jobs"
    found = [import_module(f"inventory.lab.jobs.{module.name}").JOB for module in iter_modules([str(folder)])]
    return sorted(found, key=lambda job: job.at)


def jobs_of(host: str) -> list[Job]:
    """The jobs that a host runs."""
    return [job for job in registry() if job.host == host]
