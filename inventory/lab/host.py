"""What a host of the practice network is. One host is one file in ``hosts/``; nothing else has to be told of it."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from inventory.lab.network import Network

DOMAIN = "lab.example"  # RFC 2606
NET = "198.51.100"  # RFC 5737 TEST-NET-2: routed nowhere
SECONDS = 20


class Host:
    """A machine of the network. ``number`` is the last part of its address; ``probe`` the port that says it is up."""

    name = ""
    number = 0
    packages: tuple[str, ...] = ()
    probe: int | None = 22
    loopback = False  # can it run without namespaces?
    settings: ClassVar[Mapping[str, Any] | None] = None  # what an inventory says of it; None if nobody signs in to it
    trusted = False  # are its keys known to operators although they do not sign in to it?
    own_root = True  # its own file system, or the machine's with the lab's /etc over it

    @property
    def listed_as(self) -> str:
        """Its name in an inventory, as a machine that operators sign in to."""
        return self.name

    @property
    def address(self) -> str:
        """Its IPv4 address."""
        return f"{NET}.{self.number}"

    @property
    def mac(self) -> str:
        """Its fixed, locally administered hardware address."""
        return f"52:54:00:33:64:{self.number:02x}"

    @property
    def fqdn(self) -> str:
        """Its full name."""
        return f"{self.name}.{DOMAIN}"

    def furnish(self, root: Path, network: Network) -> None:
        """Put things into its file system while the machine's own is still in sight; runs before it is the root."""

    def start(self, network: Network) -> None:
        """Start its servers; runs as the host's root inside the host."""

    def ready(self) -> bool:
        """Whether its probe answers."""
        if self.probe is None:
            return True
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex((self.address, self.probe)) == 0


def run(*argv: str | Path, text: str | None = None, **more: Any) -> str:
    """Run a program to its end with a time limit; return what it printed."""
    words = [str(word) for word in argv]
    more.setdefault("timeout", SECONDS)
    if text is None:
        more.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run(words, check=True, text=True, capture_output=True, input=text, **more)
    return str(done.stdout)


def registry() -> list[Host]:
    """All hosts, by number."""
    folder = Path(__file__).parent / "hosts"
    found = [import_module(f"inventory.lab.hosts.{module.name}").HOST for module in iter_modules([str(folder)])]
    return sorted(found, key=lambda host: host.number)


def named(name: str) -> Host:
    """One host by its name."""
    return next(host for host in registry() if host.name == name)
