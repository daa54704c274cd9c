"""The file server: everybody's home folder, private, with a quota where the file system has quotas."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from inventory.lab.host import Host, run
from inventory.lab.people import people
from inventory.lab.root import real_root
from inventory.lab.services import accounts, ssh

if TYPE_CHECKING:
    from inventory.lab.network import Network

SHARE, ARCHIVE, HANDOVER = Path("/srv/home"), Path("/srv/archive"), Path("/srv/handed-over")
WITH_HOME = 50
DISK = 192 << 20  # octets for all homes; btrfs wants more than a hundred MiB


class FileServer(Host):
    """``fs1``: owners are numbers from the directory; only operators have accounts here."""

    name, number = "fs1", 20
    packages = (*ssh.PACKAGES, "btrfs-progs")
    settings: ClassVar = {"homes": str(SHARE), "archive": str(ARCHIVE), "handed_over": str(HANDOVER), "quota": "20M"}

    def furnish(self, root: Path, network: Network) -> None:
        """A file system that has quotas, where this machine can make one: btrfs in a file, for that alone."""
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
        """Homes for the first people, then the server."""
        SHARE.mkdir(exist_ok=True)
        HANDOVER.mkdir(exist_ok=True)
        ARCHIVE.mkdir(mode=0o700, exist_ok=True)
        for one in people(WITH_HOME):
            _home(SHARE / one.logon, one.uid, f"Notes of {one.given} {one.family}\n")
        ssh.serve(network)


def _home(home: Path, uid: int, text: str) -> None:
    """A private folder with something in it."""
    for folder in (home, home / "Documents"):
        folder.mkdir(mode=0o700)
        accounts.own(folder, uid)
    for name, body in (("notes.txt", text), ("Documents/plan.md", f"# Plan\n\n{text}")):
        (home / name).write_text(body)
        (home / name).chmod(0o600)
        accounts.own(home / name, uid)


HOST = FileServer()
