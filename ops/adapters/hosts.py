"""All hosts of the inventory at once, for audits: each may answer or not."""

from __future__ import annotations

from typing import Protocol

from ops.adapters.host import HostReader


class HostsReader(Protocol):
    """The hosts by name."""

    def names(self) -> tuple[str, ...]: ...

    def host(self, name: str) -> HostReader:
        """One of them; raise ``Unreachable`` or ``Refused`` if it cannot be looked at."""
        ...
