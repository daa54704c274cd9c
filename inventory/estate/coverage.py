"""Where each source has looked, when, and whether it worked: absence counts only where somebody looked.

A source's word is good for a time: the register and the directory 24 hours, the wire 24 hours, DHCP 7 days, collected
inventory 30 days. After that, or where the last good run did not reach, the answer is "not looked at".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from ipaddress import ip_network

from inventory.estate.networks import Block, covered
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
        return {source: max(run.ended for run in good) for source, good in self._good.items() if good}

    @cached_property
    def _gaps(self) -> dict[tuple[str, tuple[str, ...]], str]:
        """What was asked before: thousands of assets ask about the same few networks."""
        return {}

    @cached_property
    def _since(self) -> dict[tuple[str, tuple[str, ...]], datetime | None]:
        return {}

    def gap(self, source: str, cidrs: Collection[str] = ()) -> str:
        """Why absence from a source says nothing, or empty. Without CIDRs, it must have looked everywhere."""
        asked = source, tuple(cidrs)
        if asked not in self._gaps:
            self._gaps[asked] = self._gap(source, cidrs)
        return self._gaps[asked]

    def _gap(self, source: str, cidrs: Collection[str]) -> str:
        if source in self.without:
            return ""
        good = self._good[source]
        if not good:
            return f"{NAMES[source]}: {self._why_none(source)}"
        if any(_everywhere(scope) for run in good for scope in run.scopes):
            return ""
        cidrs = cidrs if source in ADDRESSED else ()
        blocks = [block for run in good for scope in run.scopes if (block := _block(scope))]
        missed = [cidr for cidr in sorted(cidrs) if not covered(ip_network(cidr), blocks)]
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
        asked = source, tuple(cidrs)
        if asked not in self._since:
            self._since[asked] = self._watched_since(source, cidrs)
        return self._since[asked]

    def _watched_since(self, source: str, cidrs: Sequence[str]) -> datetime | None:
        began = sorted((run for run in self.runs if run.source == source and run.ok), key=lambda run: run.began)
        whole = [run for run in began if any(_everywhere(scope) for scope in run.scopes)]
        times = [_first(began, cidr) for cidr in cidrs] if cidrs else [None]
        known = [time for time in times if time is not None]
        later = max(known) if len(known) == len(times) else None
        return min([time for time in (later, whole[0].began if whole else None) if time], default=None)

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


def _block(scope: str) -> Block | None:
    try:
        return ip_network(scope)
    except ValueError:
        return None


def _first(runs: Sequence[SourceRun], cidr: str) -> datetime | None:
    block = ip_network(cidr)
    for run in runs:
        if covered(block, (found for scope in run.scopes if (found := _block(scope)))):
            return run.began
    return None
