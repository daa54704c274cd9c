"""The file server: everybody's home folder, private, with a quota where the file system has quotas."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from inventory.lab import data
from inventory.lab.data import HOMES as SHARE
from inventory.lab.host import Host, run
from inventory.lab.root import real_root
from inventory.lab.services import cron, jobs, ssh

if TYPE_CHECKING:
    from inventory.lab.network import Network

ARCHIVE, HANDOVER = Path("/srv/archive"), Path("/srv/handed-over")
DISK = 192 << 20  # octets for all homes; btrfs wants more than a hundred MiB


class FileServer(Host):
    """``fs1``: owners are numbers from the directory; only operators have accounts here."""

    name, number = "fs1", 20
    packages = (*ssh.PACKAGES, "btrfs-progs", "restic", "rsync")
    settings: ClassVar = {"homes": str(SHARE), "archive": str(ARCHIVE), "handed_over": str(HANDOVER), "quota": "20M"}

    def furnish(self, root: Path, network: Network) -> None:
        """What its jobs need, and a file system that has quotas, where this machine can make one.

        That is btrfs in a file, for the homes alone.
        """
        jobs.furnish(root, network, self.name)
        if not (real_root() and shutil.which("mkfs.btrfs") and Path("/dev/loop-control").exists()):
            return
        image, share = network.folder / "hosts" / f".{self.name}-homes", root / SHARE.relative_to("/")
        share.mkdir(parents=True, exist_ok=True)
        try:
            with image.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, DISK)
            run("mkfs.btrfs", "-q", "--mixed", image)
            run("mount", "-o", "loop", image, share)
            run("btrfs", "quota", "enable", share)
        except (OSError, subprocess.SubprocessError):  # no quotas then; ops says so
            image.unlink(missing_ok=True)

    def start(self, network: Network) -> None:
        """Homes for the first people, the shares of the departments, then the servers."""
        HANDOVER.mkdir(exist_ok=True)
        ARCHIVE.mkdir(mode=0o700, exist_ok=True)
        data.homes()
        data.shares(network.night)
        jobs.serve(self.name)
        ssh.serve(network)
        cron.serve()


HOST = FileServer()
