"""The backup host: repositories and plain trees of what the servers hold, and three keys that open them.

Nobody who administers the servers can sign in here: whoever takes over a server must not get at its backups too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inventory.lab import kernel
from inventory.lab.host import Host, run
from inventory.lab.job import ARCHIVE, VAULT
from inventory.lab.services import ssh, vaults

if TYPE_CHECKING:
    from inventory.lab.network import Network


DISKS = (f"{VAULT}/restic", ARCHIVE)  # places with a file system of their own, so that one that is full is full alone
SIZE = "size=96m,mode=755"


class BackupHost(Host):
    """``bak1``: what lies in it is made once per machine, and added to each day."""

    name, number = "bak1", 22
    packages = (*ssh.PACKAGES, "restic", "borgbackup", "rsync")
    trusted = True

    def start(self, network: Network) -> None:
        """The disks, what is kept on them, then the server."""
        for place in DISKS:
            Path(place).mkdir(parents=True)
            kernel.mount("disk", place, "tmpfs", kernel.NOSUID | kernel.NODEV, SIZE)
        run("tar", "--numeric-owner", "-xpf", "-", "-C", "/srv", stdin=network.history)
        vaults.serve(network)
        ssh.listen()


HOST = BackupHost()
