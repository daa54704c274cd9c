"""Rules over the whole estate: one serial or UUID on two assets, one name on two machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from inventory.estate.case import Case, named
from inventory.estate.identity import shared
from inventory.estate.joining import REFUSED, Cluster, Link
from inventory.estate.scene import GONE, Scene
from inventory.estate.sighting import Sighting

UNIQUE = {"serial and UUID": "UUID", "serial and maker": "serial", "UUID": "UUID", "host key": "host key"}


def contradictions(scene: Scene) -> Iterator[Case]:
    """DUPLICATE and IDENTITY-CONFLICT."""
    yield from duplicates(scene)
    yield from same_names(scene)
    yield from cloned(scene)


def duplicates(scene: Scene) -> Iterator[Case]:
    """A serial number or UUID twice in the register. Among assets of which at most one is live, a warning."""
    for kind, key, assets in _registered(scene):
        tags = sorted({one.ref for one in assets})
        if len(tags) < 2:
            continue
        live = {one.ref for one in assets if one.facts.get("state") not in GONE}
        makers = {one.maker for asset in assets for one in asset.identities if one.key == key and one.maker}
        sure = len(live) > 1 and len(makers) < 2
        because = f"{_shown(kind)} {named(key)} is on {named(tags[0])} and {named(tags[1])}"
        because += f" and {len(tags) - 2} more" if len(tags) > 2 else ""
        severity, word = ("high", "FAIL") if sure else ("low", "WARN")
        about = f"{kind}:{key}"
        yield scene.case("DUPLICATE", about, severity, word, because, seen=("register",), members=tags)


def _registered(scene: Scene) -> Iterator[tuple[str, str, list[Sighting]]]:
    """Serial numbers and UUIDs that more than one entry of the register has."""
    several = [one for one in scene.clusters if one.elsewhere or len(one.of("register")) > 1]
    assets = [asset for cluster in several for asset in cluster.of("register")]
    found = shared(asset.identities for asset in assets)
    for kind in ("serial", "uuid"):
        for key, numbers in sorted(found[kind].items()):
            yield kind, key, [assets[number] for number in numbers]


def same_names(scene: Scene) -> Iterator[Case]:
    """A host name on machines with different serials. A name passed on by a machine that is gone is no conflict, nor
    are equal names of different domains."""
    found: dict[str, list[Cluster]] = defaultdict(list)
    for cluster in scene.clusters:
        for name in [key for kind, key in cluster.elsewhere if kind == "hostname"]:
            found[name].append(cluster)
    for name, called_so in sorted(found.items()):
        clusters = [one for one in called_so if one.serial and not _gone(one)]
        full = [_domains(cluster, name) for cluster in clusters]
        if len({one.serial for one in clusters}) < 2 or (all(full) and len(set.union(*full)) >= len(clusters)):
            continue
        serials = sorted({one.serial for one in clusters})
        because = f"{named(name)} is the name of two machines, serials {named(serials[0])} and {named(serials[1])}"
        sources = sorted({one.source for each in clusters for one in each.sightings if name in one.keys("hostname")})
        members = [one.id for each in clusters for one in each.sightings if name in one.keys("hostname")]
        about = f"hostname:{name}"
        yield scene.case("IDENTITY-CONFLICT", about, "high", "FAIL", because, seen=sources, members=members)


def _gone(cluster: Cluster) -> bool:
    assets = cluster.of("register")
    return bool(assets) and all(one.facts.get("state") in GONE for one in assets)


def _domains(cluster: Cluster, name: str) -> set[str]:
    return {full for full in cluster.keys("fqdn") if full.partition(".")[0] == name}


def cloned(scene: Scene) -> Iterator[Case]:
    """A UUID or host key that joined nothing because several machines have it, outside the register alone."""
    found: dict[tuple[str, str], set[Link]] = defaultdict(set)
    for cluster in scene.clusters:
        for link in cluster.decided(REFUSED):
            if link.key in UNIQUE:
                found[UNIQUE[link.key], link.value.rpartition(" ")[2]].add(link)
    for (kind, value), links in sorted(found.items()):
        members = sorted({end for link in links for end in (link.one, link.other)})
        sources = sorted({member.partition(":")[0] for member in members})
        if sources == ["register"]:
            continue
        because = f"{kind} {named(value)} is on {len(members)} machines: {min(links).because.partition('because ')[2]}"
        about = f"{kind.replace(' ', '-').lower()}:{value}"
        yield scene.case("IDENTITY-CONFLICT", about, "high", "FAIL", because, seen=sources, members=members)


def _shown(kind: str) -> str:
    return "UUID" if kind == "uuid" else "serial"
