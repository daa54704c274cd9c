"""Why two sightings are one machine, or are not: the answer to give when somebody asks."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence

from inventory.estate.joining import JOINED, Cluster, Link
from inventory.estate.sighting import Sighting
from ops.errors import NotFound


def explain(clusters: Sequence[Cluster], one: str, other: str) -> Sequence[str]:
    """Lines such as ``register:LT-1 and wire:…: joined by MAC …``; raise ``NotFound`` for an id that was not seen.

    For one machine, the shortest way from one sighting to the other; for two, what was refused or proposed between
    them, and the values they share that identify nothing.
    """
    first, second = _of(clusters, one), _of(clusters, other)
    if first is second:
        return [_line(link) for link in _way(first, one, other)] or [f"{one} and {other} are one sighting"]
    ends = {sighting.id for sighting in second.sightings}
    between = [_line(link) for link in first.links if {link.one, link.other} & ends]
    return between or _void(first, second) or [f"{one} and {other}: not joined because they share no value"]


def _of(clusters: Sequence[Cluster], name: str) -> Cluster:
    found = next((each for each in clusters if any(sighting.id == name for sighting in each.sightings)), None)
    if found is None:
        raise NotFound(f"nothing was seen as {name}", hint="write it as register:LT-1, or wire:MAC@address")
    return found


def _line(link: Link) -> str:
    return f"{link.one} and {link.other}: {link.because}"


def _way(cluster: Cluster, one: str, other: str) -> Sequence[Link]:
    """The shortest chain of joins, found breadth first."""
    near: Mapping[str, list[tuple[str, Link]]] = _neighbours(cluster)
    came: dict[str, tuple[str, Link] | None] = {one: None}
    waiting = deque([one])
    while waiting and other not in came:
        here = waiting.popleft()
        for there, link in near[here]:
            if there not in came:
                came[there] = (here, link)
                waiting.append(there)
    way: list[Link] = []
    while step := came.get(other):
        other, link = step
        way.append(link)
    return way[::-1]


def _neighbours(cluster: Cluster) -> Mapping[str, list[tuple[str, Link]]]:
    near: dict[str, list[tuple[str, Link]]] = defaultdict(list)
    for link in cluster.decided(JOINED):
        near[link.one].append((link.other, link))
        near[link.other].append((link.one, link))
    return near


def _void(first: Cluster, second: Cluster) -> Sequence[str]:
    """The values both have that count for nothing, each with its reason."""
    one, other = (_voided(cluster.sightings) for cluster in (first, second))
    both = sorted(one.keys() & other.keys())
    return [f"not joined because the {kind} {key} does not count: {one[kind, key]}" for kind, key in both]


def _voided(sightings: Sequence[Sighting]) -> dict[tuple[str, str], str]:
    found = (identity for sighting in sightings for identity in sighting.identities)
    return {(one.kind, one.key): one.void for one in found if one.void and one.key}
