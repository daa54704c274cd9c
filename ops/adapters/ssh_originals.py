"""Files on a host behind SSH, as they are now: what came back from a backup is compared with them.

Names go to find(1) of the host by NUL, so that any name a file can have is one, and no program is run as root that
``ops`` does not run anyway. Looked at before and after: a file that changes meanwhile is none that is unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from inventory.backup.measuring import Seen, same
from ops.adapters.backup import Original
from ops.adapters.ssh import Door, SshShell, signed_in

NAMED = ("find", "-files0-from", "-", "-maxdepth", "0", "-type", "f")  # findutils 4.9; an older one tells nothing
LOOK = (*NAMED, "-printf", "%s %T@ %p\\0")
HASH = (*NAMED, "-exec", "sha256sum", "--zero", "--", "{}", "+")
DIGEST, SECONDS = 64, 6 * 3600.0


class Far(Original):
    """A host, with the rights of the account that signs in, and of sudo where it may."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def unchanged(self, files: Sequence[Seen]) -> list[str]:
        with signed_in(self._door) as (client, _):
            shell = SshShell(client, self._door)
            before = _now(shell, files)
            alike = [one for one in files if same(before.get(one.path), one)]
            hashes = _hashes(shell, alike)
            after = _now(shell, alike)
        still = {one.path for one in alike if after.get(one.path) == before[one.path]}
        return [hashes.get(one.path, "") if one.path in still else "" for one in files]


def _now(shell: SshShell, files: Sequence[Seen]) -> dict[str, Seen]:
    """Those that are there, as they are now."""
    now = {}
    for line in _told(shell, LOOK, files):
        size, moment, name = line.split(b" ", 2)
        whole, _, parts = moment.partition(b".")
        path = os.fsdecode(name)
        now[path] = Seen(path, int(size), int(whole + parts[:9]))
    return now


def _hashes(shell: SshShell, files: Sequence[Seen]) -> dict[str, str]:
    return {os.fsdecode(line[DIGEST + 2 :]): line[:DIGEST].decode() for line in _told(shell, HASH, files)}


def _told(shell: SshShell, argv: Sequence[str], files: Iterable[Seen]) -> list[bytes]:
    """One answer for each file that is there."""
    names = b"".join(os.fsencode(one.path) + b"\0" for one in files)
    if not names:
        return []
    return [line for line in shell.run(argv, stdin=names, seconds=SECONDS).out.split(b"\0") if line]
