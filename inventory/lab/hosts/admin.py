"""Where ``ops`` works: the machine's own files and programs, with the lab's network, names and trust."""

from __future__ import annotations

from inventory.lab.host import Host


class Admin(Host):
    """The operator's desk."""

    name, number = "admin", 5
    packages = ("iproute2",)
    probe = None
    own_root = False


HOST = Admin()
