"""Everything that can say what is there: asked one after another, and what each said kept in the register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

FILES = ("leases", "neighbours", "scan", "glpi")  # sources that are files somebody brings


@dataclass(frozen=True)
class Look:
    """One look at one source: how much it saw, of what, what went wrong (subject → why), and where nobody looked."""

    source: str
    what: str
    rows: int = 0
    failures: Mapping[str, str] = field(default_factory=dict)
    not_looked_at: Sequence[str] = ()


@dataclass(frozen=True)
class Told:
    """One case of the estate, as it stands today."""

    id: str
    verdict: str
    word: str
    subject: str
    because: str
    severity: str
    state: str
    due: str
    not_looked_at: Sequence[str] = ()


class EstateReader(Protocol):
    """The sources of a workspace."""

    def looks(self, files: Mapping[str, str], only: Sequence[str]) -> Iterator[Look]:
        """Look, keep what was seen, and tell; a source that cannot be reached is a look with failures."""
        ...

    def judged(self) -> tuple[Sequence[Told], Sequence[str], int]:
        """The cases of today, worst first; what was not looked at; how many things were compared."""
        ...
