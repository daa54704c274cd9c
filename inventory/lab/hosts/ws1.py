"""A workstation: the people of Finance share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from inventory.lab.host import Host
from inventory.lab.people import people
from inventory.lab.services import accounts, cron, ssh

if TYPE_CHECKING:
    from inventory.lab.network import Network

ROLE = "role-finance"
SEEDED = 50


class Workstation(Host):
    """``ws1``: its people sit at it, so they have no keys."""

    name, number = "ws1", 30
    packages = ssh.PACKAGES
    settings: ClassVar = {"accounts_for": (ROLE,)}

    def start(self, network: Network) -> None:
        """Accounts, then the servers."""
        for one in people(SEEDED):
            if one.role == ROLE:
                accounts.add(one.logon, one.uid, f"{one.given} {one.family}")
        ssh.serve(network)
        cron.serve()


HOST = Workstation()
