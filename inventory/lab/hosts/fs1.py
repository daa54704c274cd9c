"""The file server: everybody's home folder, private, with a quota where the file system has quotas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from inventory.lab.host import Host
from inventory.lab.people import people
from inventory.lab.services import accounts, ssh

if TYPE_CHECKING:
    from inventory.lab.network import Network

SHARE, ARCHIVE, HANDOVER = Path("/srv/home"), Path("/srv/archive"), Path("/srv/handed-over")
WITH_HOME = 50


class FileServer(Host):
    """``fs1``: owners are numbers from the directory; only operators have accounts here."""

    name, number = "fs1", 20
    packages = ssh.PACKAGES
    settings: ClassVar = {"homes": str(SHARE), "archive": str(ARCHIVE), "handed_over": str(HANDOVER)}

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
