"""This machine as the one whose data are backed up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from inventory.backup.manifest import Measured
from inventory.backup.measuring import Seen, absent, measured, unchanged, walked
from ops.adapters.backup import Source


class Here(Source):
    """This machine, with the rights of whoever runs us."""

    def absent(self, paths: Iterable[str]) -> list[str]:
        return absent(paths)

    def walked(self, paths: Iterable[str]) -> Iterator[Seen]:
        return walked(paths)

    def unchanged(self, files: Sequence[Seen]) -> list[str]:
        return [unchanged(one) for one in files]

    def measured(self, paths: Iterable[str]) -> Iterator[Measured]:
        return measured(paths)
