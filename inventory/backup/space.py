"""How much room is left where backups lie: a job that finds none makes no backup, and often says so to nobody.

Shares are counted as df(1) counts them: of what whoever is no root can use. Both the octets and the number of files
(inodes) can run out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.backup.rules import Judged

LITTLE, NONE = 0.10, 0.03  # shares that are left, from which on it is WARN and FAIL
UNITS = ("B", "KB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Space:
    """A file system as statvfs(3) tells of it: octets and inodes that are used, and that are free for anybody.

    A file system that counts no inodes has none used and none free.
    """

    used: int
    free: int
    inodes_used: int = 0
    inodes_free: int = 0


def room(space: Space) -> Judged:
    """How much is free, against the shares from which on the next backups are in danger."""
    shares = dict(_shares(space))
    if "octets" not in shares:
        return Judged("room", "UNKNOWN", "the file system does not tell how much room there is")
    least = min(shares, key=lambda what: shares[what])
    verdict = "FAIL" if shares[least] < NONE else "WARN" if shares[least] < LITTLE else "PASS"
    told = f"{size(space.free)} of {size(space.used + space.free)} are free ({_share(shares['octets'])})"
    if least == "inodes" and verdict != "PASS":
        told += f", but only {space.inodes_free} more files can be made ({_share(shares[least])})"
    return Judged("room", verdict, told)


def _shares(space: Space) -> Iterator[tuple[str, float]]:
    for what, used, free in (("octets", space.used, space.free), ("inodes", space.inodes_used, space.inodes_free)):
        if used + free > 0:
            yield what, free / (used + free)


def _share(share: float) -> str:
    if not share or share >= NONE:
        return f"{share:.0%}".replace("%", " %")
    return f"{share * 100:.1f} %" if share >= 0.001 else "less than 0.1 %"  # noqa: PLR2004  what is said of it


def size(octets: int) -> str:
    """So many octets in the unit that says it shortest, in powers of ten."""
    number, unit = float(octets), 0
    while number >= 999.5 and unit < len(UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.3g} {UNITS[unit]}" if number < 1000 else f"{number:.0f} {UNITS[unit]}"  # noqa: PLR2004
