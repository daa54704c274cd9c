"""What a backup host offers: one account that writes, one that only reads, one that can only add.

Each comes with a key of its own, which may do what its account is for and nothing else: there is no shell here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.lab.services import accounts

if TYPE_CHECKING:
    from inventory.lab.network import Network

GROUP, GID = "vault", 2100
WRITER, READER, ARCHIVE = "keeper", "auditor", "archive"
UIDS = {WRITER: 2101, READER: 2102, ARCHIVE: 2103}
DOOR = Path("/opt/backup-door")
SFTP = "/usr/lib/openssh/sftp-server"
UNCHANGING = "remove,rmdir,rename,posix-rename,setstat,fsetstat,lsetstat,symlink,hardlink"
SCRIPT = f"""#!/bin/sh
# What the key of an account may start here: backup-door write | read | add
case "$1 ${{SSH_ORIGINAL_COMMAND:-}}" in
  "write "*sftp*)            exec {SFTP} -u 0027 ;;
  "write borg serve"*)       exec borg serve --umask 0027 --restrict-to-path /srv/backup/borg ;;
  "write rsync --server "*)  umask 0027; set -f; exec $SSH_ORIGINAL_COMMAND ;;
  "read "*sftp*)             exec {SFTP} -R ;;
  "read borg serve"*)        exec borg serve --umask 0027 --restrict-to-path /srv/backup/borg ;;
  "add "*sftp*)              exec {SFTP} -u 0227 -P {UNCHANGING} ;;
esac
echo "this key opens the backups and nothing else" >&2
exit 1
"""
MAY = {WRITER: "write", READER: "read", ARCHIVE: "add"}


def serve(network: Network) -> None:
    """Accounts, keys, and what each key may start."""
    DOOR.parent.mkdir(parents=True, exist_ok=True)
    DOOR.write_text(SCRIPT)
    DOOR.chmod(0o755)
    accounts.group(GROUP, GID, UIDS)
    for name, uid in UIDS.items():
        accounts.add(name, uid, f"may {MAY[name]} backups")
        accounts.authorize(name, authorized(name, network.public_keys[f"backup-{MAY[name]}"]))


def authorized(name: str, key: str) -> str:
    """The line of authorized_keys for an account."""
    return f'restrict,command="{DOOR} {MAY[name]}" {key}'


def hand_over(vault: str, archive: str) -> None:
    """Give what was made here to the accounts it belongs to, readable for whoever only reads."""
    for top, uid in ((vault, UIDS[WRITER]), (archive, UIDS[ARCHIVE])):
        for place in (Path(top), *Path(top).rglob("*")):
            os.chown(place, uid, GID, follow_symlinks=False)
            if place.is_dir():
                place.chmod(0o2750)
            elif not place.is_symlink():
                place.chmod(0o440 if top == archive else 0o640)
