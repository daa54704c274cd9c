"""Cases that would come by the hundred, made one: randomised addresses, and assets nobody could look for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain

from inventory.estate.case import Case, named
from inventory.estate.joining import Cluster
from inventory.estate.networks import OPEN, Network
from inventory.estate.scene import Scene, made_up, port_of
from inventory.estate.sighting import NETWORK, Sighting

GROUPED = "MISSING"  # the one verdict a source that failed would give for every asset at once


def randomised(scene: Scene) -> Iterator[Case]:
    """One case for all randomised addresses with one name at one port, or, without a port, on one network."""
    found: dict[tuple[str, str, str], list[Cluster]] = defaultdict(list)
    for cluster in scene.clusters:
        if cluster.sources <= {*NETWORK} and made_up(cluster) and (seen := scene.here(cluster, *NETWORK)):
            found[_place(scene, seen)].append(cluster)
    for (where, port, name), clusters in sorted(found.items()):
        sightings = [one for each in clusters for one in scene.here(each, *NETWORK)]
        networks = {network for one in sightings if (network := scene.networks.network_of(one.address))}
        severity, word = _grade(scene, clusters, networks)
        count = "1 randomised address" if len(clusters) == 1 else f"{len(clusters)} randomised addresses"
        yield scene.case(
            "UNAUTHORISED",
            f"randomised:{where}:{port}:{name}",
            severity,
            word,
            f"{count} called {named(name) or 'nothing'} on {named(where)}{f' at {named(port)}' if port else ''}",
            seen=sorted({one.source for one in sightings}),
            absent=("register", "directory") if severity != "info" else (),
            networks=networks,
            members=[one.id for one in sightings],
            perhaps=[one for each in clusters for one in each.perhaps],
        )


def _place(scene: Scene, seen: Sequence[Sighting]) -> tuple[str, str, str]:
    """Network, port and name. The name is the one DHCP was told, else any."""
    port = next((port for one in seen if (port := port_of(one))), "")
    names = [one.name for one in seen if one.source == "dhcp" and one.name] or [one.name for one in seen if one.name]
    network = next((found for one in seen if (found := scene.networks.network_of(one.address))), None)
    return str(network) if network else "no network of sites.yaml", port, min(names, default="").casefold()


def _grade(scene: Scene, clusters: Sequence[Cluster], networks: set[Network]) -> tuple[str, str]:
    allowed = [scene.allowance(cluster) for cluster in clusters]
    if all(one is not None and one.until >= scene.today for one in allowed):
        return "info", "PASS"
    if not networks:
        return "medium", "UNKNOWN"
    return ("info", "PASS") if all(one.purpose in OPEN for one in networks) else ("high", "FAIL")


def grouped(cases: Sequence[Case]) -> list[Case]:
    """The same, where assets that were not looked for, for one reason, are one case with them as members."""
    kept = [case for case in cases if case.verdict != GROUPED or case.word != "UNKNOWN"]
    unlooked: dict[tuple[str, ...], list[Case]] = defaultdict(list)
    for case in cases:
        if case.verdict == GROUPED and case.word == "UNKNOWN":
            unlooked[case.networks].append(case)
    for networks, found in sorted(unlooked.items()):
        members = sorted(chain.from_iterable(case.members or (case.subject,) for case in found))
        if len(members) == 1:
            kept += found
            continue
        place = sha256("\0".join(networks).encode()).hexdigest()[:16]
        gaps = tuple(dict.fromkeys(gap for case in found for gap in case.not_looked_at))
        because = f"{len(members)} deployed assets were not seen for 45 days, and not all sources looked"
        about = f"not looked for:{place}"
        kept.append(
            replace(found[0], subject=about, because=because, not_looked_at=gaps, members=tuple(members), perhaps=())
        )
    return kept
