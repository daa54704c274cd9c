"""A Linux server: accounts for IT and Research, who come with keys and leave jobs behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from inventory.lab import data
from inventory.lab.host import Host
from inventory.lab.people import people
from inventory.lab.services import accounts, at, cron, jobs, ssh

if TYPE_CHECKING:
    from inventory.lab.network import Network

ROLES = ("role-it", "role-research")
SEEDED = 50


class LinuxServer(Host):
    """``srv1``: who is in one of its roles has an account."""

    name, number = "srv1", 21
    packages = (*ssh.PACKAGES, *at.PACKAGES, "borgbackup")
    settings: ClassVar = {"accounts_for": ROLES}

    def furnish(self, root: Path, network: Network) -> None:
        """What its jobs need to reach the backup host."""
        jobs.furnish(root, network, self.name)

    def start(self, network: Network) -> None:
        """Accounts with keys and jobs, then the servers."""
        for place, one in enumerate(one for one in people(SEEDED) if one.role in ROLES):
            accounts.add(one.logon, one.uid, f"{one.given} {one.family}")
            accounts.authorize(one.logon, network.public_keys["colleague"])
            if place % 3 == 0:
                cron.jobs(one.logon, "30 6 * * 1-5 touch $HOME/report-made\n")
        data.data(network.night)
        jobs.serve(self.name)
        ssh.serve(network)
        cron.serve()
        at.serve()


HOST = LinuxServer()
