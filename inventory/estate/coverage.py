"""Where each source has looked, when, and whether it worked: absence counts only where somebody looked.

A source's word is good for a time: the register and the directory 24 hours, the wire 24 hours, DHCP 7 days, collected
inventory 30 days. After that, or where the last good run did not reach, the answer is "not looked at".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from ipaddress import ip_network

from inventory.estate.sighting import SOURCES, SourceRun

LIMITS = {
    "register": timedelta(hours=24),
    "directory": timedelta(hours=24),
    "wire": timedelta(hours=24),
    "dhcp": timedelta(days=7),
    "collected": timedelta(days=30),
}
ADDRESSED = ("wire", "dhcp", "collected")  # sources that look at networks, not at a whole list
AHEAD = timedelta(minutes=5)  # a run that ended later than this after now has a wrong clock
NAMES = {
    "register": "the register",
    "directory": "the directory",
    "wire": "the wire",
    "dhcp": "DHCP",
    "collected": "collected inventory",
}


Range = tuple[int, int, int]  # IP version, first and last address as numbers


@dataclass(frozen=True)
class Reach:
    """Where some scopes look: everywhere, or in ranges that neither touch nor overlap, in order."""

    whole: bool
    ranges: tuple[Range, ...]

    @classmethod
    def of(cls, scopes: Iterable[str]) -> Reach:
        """What scopes reach together; several halves may make one whole."""
        said = tuple(scopes)
        merged: list[Range] = []
        for version, low, high in sorted(found for scope in said if (found := _range(scope))):
            if merged and merged[-1][0] == version and low <= merged[-1][2] + 1:
                merged[-1] = version, merged[-1][1], max(high, merged[-1][2])
            else:
                merged.append((version, low, high))
        return cls(any(_everywhere(scope) for scope in said), tuple(merged))

    def holds(self, cidr: str) -> bool:
        """Whether a network lies in its ranges; raise ``ValueError`` if it is none."""
        wanted = _range(cidr)
        if wanted is None:
            raise ValueError(cidr)
        version, low, high = wanted
        place = bisect_right(self.ranges, (version, low, 1 << 128)) - 1
        return place >= 0 and self.ranges[place][0] == version and high <= self.ranges[place][2]


@dataclass(frozen=True)
class Coverage:
    """All runs, seen from one moment. ``without`` names sources this firm does not have at all, such as a directory."""

    runs: tuple[SourceRun, ...]
    at: datetime
    without: frozenset[str] = frozenset()

    @cached_property
    def _good(self) -> dict[str, list[SourceRun]]:
        """By source, the runs that went well and are young enough."""
        return {
            source: [
                run
                for run in self.runs
                if run.source == source and run.ok and -AHEAD <= self.at - run.ended <= LIMITS[source]
            ]
            for source in SOURCES
        }

    @cached_property
    def _newest(self) -> dict[str, datetime]:
        """When the last of these ended."""
        return {source: max(run.ended for run in good) for source, good in self._good.items() if good}

    @cached_property
    def _reach(self) -> dict[str, Reach]:
        """Where these looked, together."""
        return {source: Reach.of(scope for run in good for scope in run.scopes) for source, good in self._good.items()}

    @cached_property
    def _looks(self) -> dict[str, list[tuple[datetime, Reach]]]:
        """By source, when each run that went well began and where it looked, oldest first."""
        began = sorted((run for run in self.runs if run.ok), key=lambda run: run.began)
        return {
            source: [(run.began, Reach.of(run.scopes)) for run in began if run.source == source] for source in SOURCES
        }

    @cached_property
    def _gaps(self) -> dict[tuple[str, tuple[str, ...]], str]:
        """Source and networks → the gap; filled as it is asked."""
        return {}

    @cached_property
    def _firsts(self) -> dict[tuple[str, str], datetime | None]:
        """Source and network → when it first looked there; filled as it is asked."""
        return {}

    def gap(self, source: str, cidrs: Collection[str] = ()) -> str:
        """Why absence from a source says nothing, or empty. Without CIDRs, it must have looked everywhere."""
        if source in self.without:
            return ""
        known, asked = self._gaps, (source, tuple(cidrs) if source in ADDRESSED else ())
        if asked not in known:
            known[asked] = self._gap(*asked)
        return known[asked]

    def _gap(self, source: str, cidrs: Sequence[str]) -> str:
        good = self._good[source]
        if not good:
            return f"{NAMES[source]}: {self._why_none(source)}"
        reach = self._reach[source]
        if reach.whole:
            return ""
        missed = [cidr for cidr in sorted(cidrs) if not reach.holds(cidr)]
        if cidrs and not missed:
            return ""
        return f"{NAMES[source]}: did not look in {', '.join(missed[:3]) or 'all of it'}{' …' if missed[3:] else ''}"

    def gaps(self, sources: Iterable[str], cidrs: Collection[str] = ()) -> tuple[str, ...]:
        """The gaps of several sources, in their order."""
        return tuple(gap for source in sources if (gap := self.gap(source, cidrs)))

    def as_of(self, sources: Iterable[str]) -> datetime:
        """The age of the oldest of what these sources last said well; now, if none did."""
        return min((self._newest[source] for source in sources if source in self._newest), default=self.at)

    def watched_since(self, source: str, cidrs: Sequence[str]) -> datetime | None:
        """When a source first looked well at all these networks; none if it never did."""
        whole = next((began for began, reach in self._looks[source] if reach.whole), None)
        times = [self._first(source, cidr) for cidr in cidrs] if cidrs else [None]
        known = [time for time in times if time is not None]
        later = max(known) if len(known) == len(times) else None
        return min([time for time in (later, whole) if time], default=None)

    def _first(self, source: str, cidr: str) -> datetime | None:
        if (source, cidr) not in self._firsts:
            looks = (began for began, reach in self._looks[source] if reach.holds(cidr))
            self._firsts[source, cidr] = next(looks, None)
        return self._firsts[source, cidr]

    def _why_none(self, source: str) -> str:
        runs = [run for run in self.runs if run.source == source]
        if not runs:
            return "never looked at"
        last = max(runs, key=lambda run: run.ended)
        if last.ended - self.at > AHEAD:
            return "its clock is ahead of ours"
        if not last.ok:
            return f"the run of {last.ended:%Y-%m-%d} failed"
        return f"last looked at {last.ended:%Y-%m-%d}"


def _everywhere(scope: str) -> bool:
    """Whether a scope is all of its source: said so, or a whole domain of the directory."""
    return scope == "all" or bool(re.fullmatch(r"DC=[^,]+(,\s*DC=[^,]+)*", scope, re.IGNORECASE))


@lru_cache(1 << 12)
def _range(scope: str) -> Range | None:
    """A CIDR as numbers; none for what is no network."""
    try:
        block = ip_network(scope)
    except ValueError:
        return None
    return block.version, int(block.network_address), int(block.broadcast_address)
