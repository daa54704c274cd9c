"""A small firm to judge: one moment, four networks, runs that looked everywhere, and ways to see a machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from inventory.estate.case import Case
from inventory.estate.joining import Cluster, join
from inventory.estate.networks import Allowance, Networks, read_networks
from inventory.estate.sighting import (
    SOURCES,
    Sighting,
    SourceRun,
    account,
    collected,
    on_network,
    registered,
)
from inventory.estate.verdicts import judge

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NETWORKS = read_networks("""
networks:
  - {cidr: 10.1.0.0/24, purpose: corp, site: London, name: office}
  - {cidr: 10.1.9.0/24, purpose: guest, site: London, name: visitors}
  - {cidr: 10.2.0.0/24, purpose: corp, site: Leeds}
  - {cidr: 10.3.0.0/24, purpose: iot, site: Leeds}
""")
LOOKED_EVERYWHERE = tuple(
    SourceRun(source, True, AT - age - HOUR, AT - age, ("all",)) for source in SOURCES for age in (60 * DAY, HOUR)
)


def asset(tag: str, **fields: str) -> Sighting:
    return registered(tag, {"kind": "laptop", "state": "deployed", "site": "London", "maker": "Dell Inc.", **fields})


def host(ref: str, ago: timedelta = HOUR, **fields: str) -> Sighting:
    return collected(ref, {"hostname": ref, "maker": "Dell", **fields}, AT - ago)


def wire(mac: str, address: str = "10.1.0.7", ago: timedelta = HOUR, name: str = "", **facts: str) -> Sighting:
    return on_network("wire", mac, address, AT - ago, name, facts)


def dhcp(mac: str, address: str, name: str, ago: timedelta = HOUR) -> Sighting:
    return on_network("dhcp", mac, address, AT - ago, name)


def computer(name: str, guid: str = "", ago: timedelta = DAY, **fields: str) -> Sighting:
    stamp = (AT - ago).isoformat()
    known = {"name": name, "guid": guid, "enabled": "yes", "last_logon": stamp, "password_set": stamp, **fields}
    return account(f"CN={name},OU=PCs,DC=corp,DC=example", known)


def seen_as(clusters: Iterable[Cluster]) -> list[set[str]]:
    return [{one.id for one in cluster.sightings} for cluster in clusters]


def judged(
    *sightings: Sighting,
    runs: Sequence[SourceRun] = LOOKED_EVERYWHERE,
    networks: Networks = NETWORKS,
    allowed: Sequence[Allowance] = (),
    without: Sequence[str] = (),
) -> Sequence[Case]:
    return judge(join(sightings), runs, AT, networks, allowed, without=without)


def verdicts(cases: Iterable[Case]) -> list[tuple[str, str, str]]:
    return sorted((case.verdict, case.subject, case.word) for case in cases)
