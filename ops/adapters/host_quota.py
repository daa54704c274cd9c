"""Quotas of folders, where the file system offers them: btrfs with its quota groups.

Sources: btrfs-qgroup(8), btrfs-subvolume(8). Each limited folder is a subvolume of its own. Other file systems have
quotas for users instead (setquota(8)); they are said to offer none here.
"""

from __future__ import annotations

from ops.adapters.host import Fields
from ops.adapters.host_shell import Shell, absolute, done

NO_LIMIT = "none"


class Quotas:
    """How much a folder may hold, and what a file system offers."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def read_offer(self, path: str) -> Fields | None:
        """Which kind of quota folders below a path can have; None for no kind that is known here."""
        kind = self._shell.run(["stat", "-f", "-c", "%T", "--", absolute(path)]).out.strip()
        if kind != b"btrfs":
            return None
        shown = self._shell.run(["btrfs", "qgroup", "show", "--raw", path])
        return {"kind": "btrfs"} if shown.code == 0 else None

    def read_quota(self, path: str) -> Fields | None:
        """The limit of a folder, and what it holds; None where it can have none."""
        shown = self._shell.run(["btrfs", "qgroup", "show", "--raw", "-re", "-f", absolute(path)])
        rows = [line.split() for line in shown.out.decode(errors="replace").splitlines() if line.startswith("0/")]
        if shown.code or not rows or not self._own_volume(path):
            return None
        return {"limit": rows[0][3], "used": rows[0][1]}

    def _own_volume(self, path: str) -> bool:
        """Whether a folder is a subvolume: its inode is 256 on btrfs."""
        return self._shell.run(["stat", "-c", "%i", "--", path]).out.strip() == b"256"

    def swap_quota(self, path: str, before: Fields | None, after: Fields | None) -> None:  # noqa: ARG002
        """Set or lift a limit."""
        limit = after["limit"] if after else NO_LIMIT
        argv = ["btrfs", "qgroup", "limit", limit, absolute(path)]
        done(self._shell.run(argv, writes=True), f"the quota of {path}")
