"""All hosts of the inventory at once, for audits: each may answer or not."""

from __future__ import annotations

from typing import Protocol

from ops.adapters.host import HostReader, Machine


class HostsReader(Protocol):
    """The hosts by name."""

    def names(self) -> tuple[str, ...]: ...

    def machine(self, name: str) -> Machine:
        """What the inventory says of one of them; it is not connected to."""
        ...

    def host(self, name: str) -> HostReader:
        """One of them; raise ``Unreachable`` or ``Refused`` if it cannot be looked at."""
        ...
