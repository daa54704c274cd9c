"""What must be there once and is there twice, found in eight bytes a row, so that large files need little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from itertools import pairwise

from inventory.taking_in.headers import plain
from inventory.taking_in.rows import Row

UNIQUE = ("tag", "serial", "uuid")
PARTS = 16  # sorted one after the other: a sorted number needs five times the room of a stored one


class Repeats:
    """Looks at every row once; then knows the few values that come again.

    Hashes are compared, not texts: of a million rows two would be taken for the same by chance once in thirty
    million files. A serial is its maker's: two makers may have the same.
    """

    def __init__(self, columns: Mapping[str, str]) -> None:
        """``columns`` maps a field to its column."""
        self._columns = {name: columns[name] for name in UNIQUE if columns.get(name)}
        self._maker = columns.get("maker", "")
        self._seen = {name: array("q") for name in self._columns}
        self._again: dict[str, frozenset[int]] = {}

    def see(self, row: Row) -> None:
        """One row of the first reading."""
        for name, seen in self._seen.items():
            if key := self._key(name, row):
                seen.append(key)

    def settle(self) -> None:
        """The first reading is over: keep what came again, forget the rest."""
        for name, seen in self._seen.items():
            self._again[name] = frozenset(again for part in range(PARTS) for again in _twice(seen, part))
        self._seen = {}

    def of(self, row: Row) -> Mapping[str, int]:
        """Field → key, for what this row has in common with another."""
        keys = ((name, self._key(name, row)) for name, again in self._again.items() if again)
        return {name: key for name, key in keys if key in self._again[name]}

    def _key(self, name: str, row: Row) -> int:
        text = plain(row.cells[self._columns[name]])
        if not text:
            return 0
        return hash((name, text, plain(row.cells[self._maker]) if name == "serial" and self._maker else ""))


def _twice(keys: array[int], part: int) -> Iterator[int]:
    ordered = sorted(key for key in keys if key % PARTS == part)
    return (one for one, other in pairwise(ordered) if one == other)
