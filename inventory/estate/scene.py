"""What the rules look at together: the clusters, where the sources looked, the networks and what is allowed there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from inventory.estate.case import DUE, Case, named, reason
from inventory.estate.coverage import Coverage
from inventory.estate.identity import KINDS, MULTICAST, RANDOMISED, ROUTER, SEQUENCE
from inventory.estate.joining import REFUSED, Cluster
from inventory.estate.networks import Allowance, Network, Networks
from inventory.estate.sighting import NETWORK, Sighting

GONE = ("retired", "sanitised", "disposed", "lost", "stolen")  # states in which nothing may answer
RECENT = {  # how long a sighting says "it is there"; a logon stamp lags up to 14 days behind (MS-ADA1, 2.353)
    "wire": timedelta(hours=24),
    "dhcp": timedelta(days=7),
    "directory": timedelta(days=14),
    "collected": timedelta(days=30),
}
NOBODYS_MACS = (MULTICAST, ROUTER, SEQUENCE)  # addresses that no device is called by


@dataclass(frozen=True)
class Scene:
    """All a rule may ask. Pure: the moment is ``at``, in UTC."""

    clusters: Sequence[Cluster]
    coverage: Coverage
    networks: Networks
    allowances: Sequence[Allowance]

    @property
    def at(self) -> datetime:
        """The moment the verdicts are of."""
        return self.coverage.at

    @property
    def today(self) -> date:
        """Its day."""
        return self.at.date()

    @cached_property
    def sharers(self) -> Mapping[tuple[str, str], tuple[Sighting, ...]]:
        """Key and value → the sightings of registered machines that a shared value was refused to join."""
        found: dict[tuple[str, str], tuple[Sighting, ...]] = {}
        for cluster in self.clusters:
            for value in {(link.key, link.value) for link in cluster.decided(REFUSED)}:
                found[value] = found.get(value, ()) + cluster.of("register")
        return found

    def case(
        self,
        verdict: str,
        subject: str,
        severity: str,
        word: str,
        because: str,
        *,
        seen: Iterable[str] = (),
        absent: Iterable[str] = (),
        networks: Iterable[Network] = (),
        members: Iterable[str] = (),
        perhaps: Iterable[str] = (),
    ) -> Case:
        """A case on what was ``seen`` in some sources and is ``absent`` from others, if these looked; else UNKNOWN."""
        cidrs = tuple(sorted({str(one) for one in networks}))
        missed = tuple(absent)
        sources = tuple(dict.fromkeys((*seen, *missed)))
        gaps = self.coverage.gaps(missed, cidrs)
        return Case(
            verdict,
            subject,
            severity,
            "UNKNOWN" if gaps else word,
            reason(because),
            sources,
            self.coverage.as_of(sources),
            self.today + DUE,
            gaps,
            cidrs,
            tuple(sorted(set(members))),
            tuple(sorted(set(perhaps))),
        )

    def here(self, cluster: Cluster, *sources: str) -> tuple[Sighting, ...]:
        """Its sightings from some sources that say it is there now, newest first."""
        found = [one for one in cluster.of(*(sources or tuple(RECENT))) if self.recent(one)]
        return tuple(sorted(found, key=lambda one: (one.seen or self.at, one.id), reverse=True))

    def recent(self, sighting: Sighting) -> bool:
        """Whether a sighting is young enough to say that something is there."""
        return sighting.seen is not None and self.at - sighting.seen <= RECENT[sighting.source]

    def places(self, cluster: Cluster) -> tuple[Network, ...]:
        """Where to look: the network it was seen in last, else of its static address, else its site's, else all."""
        for group in (cluster.of("wire", "dhcp", "collected"), cluster.of("register")):
            placed = [(one.seen or datetime.min.replace(tzinfo=self.at.tzinfo), one.id, one) for one in group]
            for _, _, one in sorted(placed, key=lambda entry: entry[:2], reverse=True):
                if network := self.networks.network_of(one.address):
                    return (network,)
        return self.places_of(*sorted({one.facts.get("site", "") for one in cluster.of("register")}))

    def places_of(self, *sites: str) -> tuple[Network, ...]:
        """Where to look for what is at one of these sites, by the register alone."""
        return tuple(found for site in sites for found in self.networks.of_site(site)) or self.networks.all

    def subject(self, cluster: Cluster) -> str:
        """What a case on a cluster is about, and stays about: its first tag, else what identifies it and nothing else.

        A value that is also on another machine, such as a cloned UUID, tells nobody which one is meant.
        """
        if tags := [one.ref for one in cluster.of("register")]:
            return f"asset:{min(tags)}"
        mine = ((kind, key) for kind in KINDS for key in cluster.keys(kind))
        kind, key = next((one for one in mine if one not in cluster.elsewhere), ("", ""))
        return f"{kind}:{key}" if key else cluster.sightings[0].id

    def allowance(self, cluster: Cluster) -> Allowance | None:
        """What allows it on the network, the longest first; also one that has ended, so that this can be said."""
        macs = {one.key for each in cluster.sightings for one in each.identities if one.kind == "mac" and one.key}
        ports = {port_of(one) for one in cluster.of(*NETWORK)}
        fitting = [one for one in self.allowances if any(one.fits(sorted(macs), port) for port in ports)]
        return max(fitting, key=lambda one: (one.until, one.kind, one.value), default=None)


def port_of(sighting: Sighting) -> str:
    """Switch and port it was seen at, such as ``sw1 Gi1/0/4``; empty if not known."""
    switch, port = sighting.facts.get("switch", ""), sighting.facts.get("port", "")
    return f"{switch} {port}" if switch and port else ""


def called(cluster: Cluster) -> str:
    """What people call a cluster: its tag, else a name, else its MAC or IP address; one word."""
    if tags := [one.ref for one in cluster.of("register")]:
        return named(min(tags))
    names = [one.name for one in cluster.sightings if one.name]
    return named(names[0] if names else next(iter(cluster.keys("mac")), "") or cluster.sightings[0].ref)


def made_up(cluster: Cluster) -> bool:
    """Whether all it was seen by on the network are randomised addresses."""
    return not cluster.keys("mac") and any(one.voided(RANDOMISED) for one in cluster.of(*NETWORK))


def nobodys(cluster: Cluster) -> bool:
    """Whether it is no device at all: multicast, the address of a virtual router, all zeros."""
    macs = [one for each in cluster.sightings for one in each.identities if one.kind == "mac"]
    return bool(macs) and all(one.void in NOBODYS_MACS for one in macs)
