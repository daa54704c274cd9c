"""Joining sightings of one machine into clusters, with the reason for each pair joined, proposed or refused.

Keys are taken strongest first. Before a key joins anybody, it is asked whether the value is on several machines; what
is, joins nothing. Two clusters with different trusted serials are never joined (glpi#9741), and a sighting without a
serial that would bridge two of them joins neither. The result depends on what was seen, not on its order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations
from typing import NamedTuple

from inventory.estate.identity import KINDS, shared
from inventory.estate.keys import KEYS, RECORD, Key, on_several
from inventory.estate.partition import Forest, Mark, partition
from inventory.estate.sighting import NETWORK, SOURCES, Sighting, ordered

JOINED, PROPOSED, REFUSED = "joined", "proposed", "refused"
UNMARKED = ("", "")
TOO_MANY = 8  # clusters with the same weak value; above that it hints at nothing


class Link(NamedTuple):
    """What was decided on a pair of sightings, given by their ids: by which key and value, and the reason."""

    outcome: str
    one: str
    other: str
    key: str
    value: str
    because: str


@dataclass(frozen=True)
class Cluster:
    """Sightings of one machine, and the links they took part in; refused and proposed ones lead to other clusters.
    ``elsewhere``: its values, by kind and key, that another machine has too."""

    sightings: tuple[Sighting, ...]
    links: tuple[Link, ...] = ()
    elsewhere: frozenset[tuple[str, str]] = frozenset()

    def of(self, *sources: str) -> tuple[Sighting, ...]:
        """Its sightings from some sources."""
        if len(sources) == 1:
            return self._by_source.get(sources[0], ())
        return tuple([one for one in self.sightings if one.source in sources])

    @cached_property
    def sources(self) -> frozenset[str]:
        """Who knows it."""
        return frozenset(self._by_source)

    @cached_property
    def _by_source(self) -> dict[str, tuple[Sighting, ...]]:
        found: dict[str, tuple[Sighting, ...]] = {}
        for one in self.sightings:
            found[one.source] = (*found.get(one.source, ()), one)
        return found

    def keys(self, kind: str) -> tuple[str, ...]:
        """All values of a kind that identify it, sorted."""
        return tuple(sorted({key for one in self.sightings for key in one.keys(kind)}))

    def decided(self, outcome: str) -> tuple[Link, ...]:
        """Its links with one outcome."""
        return tuple(link for link in self.links if link.outcome == outcome)

    @cached_property
    def serial(self) -> str:
        """Its trusted serial number, or empty."""
        return next((one.serial for one in self.sightings if one.serial), "")

    @cached_property
    def perhaps(self) -> tuple[str, ...]:
        """Sightings elsewhere that may be the same machine; a person is to say."""
        ends = {end for link in self.decided(PROPOSED) for end in (link.one, link.other)}
        return tuple(sorted(ends - {one.id for one in self.sightings}))


def join(sightings: Iterable[Sighting]) -> Sequence[Cluster]:
    """Clusters in a fixed order. Near-linear: each value is looked at once, and joined to its first carrier."""
    state = _State(lend(ordered(sightings)))
    for key in KEYS:
        if key.strong:
            state.join_by(key)
        else:
            state.propose_by(key)
    return state.clusters()


def lend(sightings: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """The same, where MAC addresses of registered docks are void on everything that is only plugged into one."""
    docks = {mac: one.ref for one in sightings if _is_dock(one) for mac in one.keys("mac")}
    return tuple(_lent(one, docks) if docks and one.source not in NETWORK else one for one in sightings)


def _is_dock(sighting: Sighting) -> bool:
    return sighting.source == "register" and sighting.facts.get("kind") == "dock"


def _lent(sighting: Sighting, docks: Mapping[str, str]) -> Sighting:
    if _is_dock(sighting) or not any(mac in docks for mac in sighting.keys("mac")):
        return sighting
    found = [
        one._replace(void=f"of the dock {docks[one.key]}") if one.kind == "mac" and one.key in docks else one
        for one in sighting.identities
    ]
    return replace(sighting, identities=tuple(sorted(found)))


def _several(values: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """The values that more than one number has, which are few, with these numbers."""
    first: dict[str, int] = {}
    found: dict[str, list[int]] = {}
    for value, number in values:
        other = first.setdefault(value, number)
        if other != number:
            found.setdefault(value, [other]).append(number)
    return found


def _mark(one: Sighting) -> Mark:
    serial, asset = one.serial, one.ref if one.source == "register" else ""
    return (serial, asset) if serial or asset else UNMARKED


class _Bucket(NamedTuple):
    """One value of one key: the sightings that carry it, and for each cluster the first of them."""

    value: str
    numbers: Sequence[int]
    carriers: Mapping[int, int]


class _State:
    """Sightings in a forest; the top of each cluster is marked with its serial and its asset."""

    def __init__(self, sightings: tuple[Sighting, ...]) -> None:
        self.sightings = sightings
        self.forest = Forest()
        self.marks: dict[int, Mark] = {number: _mark(one) for number, one in enumerate(sightings)}
        self.links: dict[tuple[int, int], Link] = {}
        self._ids = [one.id for one in sightings]
        self._same = shared(one.identities for one in sightings)

    def join_by(self, key: Key) -> None:
        """One round of a strong key."""
        usable = [bucket for bucket in self._buckets(key) if not self._refused(key, bucket)]
        touched = Counter(chain.from_iterable(bucket.carriers for bucket in usable))
        tangled = [bucket for bucket in usable if any(touched[top] > 1 for top in bucket.carriers)]
        marks = {top: self._mark(key, top) for bucket in tangled for top in bucket.carriers}
        labels = partition([tuple(bucket.carriers) for bucket in tangled], marks)
        for bucket in usable:
            groups: dict[int, list[int]] = defaultdict(list)
            for top, number in bucket.carriers.items():
                groups[labels.get(top, -1)].append(number)
            self._settle(key, bucket.value, list(groups.values()))

    def propose_by(self, key: Key) -> None:
        """One round of hints; machines with different serials are not even proposed."""
        for bucket in self._buckets(key):
            carriers = sorted(bucket.carriers.values())
            for one, other in combinations(carriers, 2) if len(carriers) <= TOO_MANY else ():
                self._propose(key, bucket.value, one, other)

    def _mark(self, key: Key, top: int) -> Mark:
        serial, asset = self.marks[top]
        return serial, asset if key.one_asset else ""

    def _buckets(self, key: Key) -> Iterator[_Bucket]:
        for value, numbers in sorted(self._shared(key).items()):
            carriers: dict[int, int] = {}
            for number in numbers:
                carriers.setdefault(self.forest.top(number), number)
            if len(carriers) > 1:
                yield _Bucket(value, numbers, carriers)

    def _shared(self, key: Key) -> dict[str, list[int]]:
        """The values that more than one sighting carries."""
        if key.name == RECORD:
            return _several(zip(self._ids, range(len(self._ids)), strict=True))
        found = {value: numbers for kind in key.kinds for value, numbers in self._same[kind].items()}
        if key.of:
            near = self._from(key.sources, sorted(set(chain.from_iterable(found.values()))))
            return _several((value, number) for number in near for value in key.of(self.sightings[number]))
        if key.sources == SOURCES:
            return found
        return {value: self._from(key.sources, numbers) for value, numbers in found.items()}

    def _from(self, sources: Collection[str], numbers: Iterable[int]) -> list[int]:
        return [number for number in numbers if self.sightings[number].source in sources]

    def _refused(self, key: Key, bucket: _Bucket) -> bool:
        marks = [self._mark(key, top) for top in bucket.carriers]
        asked = self._from(("collected",), bucket.numbers)
        why = on_several(key, marks, [(self.forest.top(number), self.sightings[number]) for number in asked])
        if why:
            first, *rest = sorted(bucket.carriers.values())
            for number in rest:
                self._note(REFUSED, key, bucket.value, first, number, f"not joined because {why}")
        return bool(why)

    def _settle(self, key: Key, value: str, groups: Sequence[Sequence[int]]) -> None:
        for first, *rest in groups:
            for number in rest:
                self._join(key, value, first, number)
        for group in groups[1:]:
            reason = "not joined because it would bridge two machines"
            self._note(REFUSED, key, value, groups[0][0], group[0], reason)

    def _join(self, key: Key, value: str, one: int, other: int) -> None:
        tops = self.forest.top(one), self.forest.top(other)
        if tops[0] == tops[1]:
            return
        first, second = self.marks[tops[0]], self.marks[tops[1]]
        self.forest.join(tops)
        self.marks[min(tops)] = first[0] or second[0], min(filter(None, (first[1], second[1])), default="")
        self._note(JOINED, key, value, one, other, f"joined by {key.name} {value}")

    def _propose(self, key: Key, value: str, one: int, other: int) -> None:
        first, second = (self.marks[self.forest.top(number)][0] for number in (one, other))
        if first and second and first != second:
            reason = f"not joined because the serials differ, {first} and {second}"
            self._note(REFUSED, key, value, one, other, reason)
            return
        reason = f"not joined because {key.name} is a hint only; both say {value}"
        self._note(PROPOSED, key, value, one, other, reason)

    def _note(self, outcome: str, key: Key, value: str, one: int, other: int, because: str) -> None:
        """The first thing said of a pair stands, for it was said by the strongest key; joining overrules it."""
        pair = (one, other) if one < other else (other, one)
        if outcome == JOINED or pair not in self.links:
            self.links[pair] = Link(outcome, self._ids[pair[0]], self._ids[pair[1]], key.name, value, because)

    def clusters(self) -> Sequence[Cluster]:
        """What came of it, in the order of each cluster's first sighting."""
        members: dict[int, list[Sighting]] = defaultdict(list)
        for number, sighting in enumerate(self.sightings):
            members[self.forest.top(number)].append(sighting)
        links: dict[int, set[Link]] = defaultdict(set)
        for (one, other), link in self.links.items():
            first, second = self.forest.top(one), self.forest.top(other)
            if link.outcome == JOINED or first != second:
                links[first].add(link)
                links[second].add(link)
        elsewhere = self._elsewhere()
        return [
            Cluster(tuple(found), tuple(sorted(links.get(root, ()))), frozenset(elsewhere.get(root, ())))
            for root, found in members.items()
        ]

    def _elsewhere(self) -> Mapping[int, list[tuple[str, str]]]:
        """By the top of each cluster, the values that count and are in another too."""
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for kind in KINDS:
            for value, numbers in self._same[kind].items():
                tops = set(map(self.forest.top, numbers))
                for top in tops if len(tops) > 1 else ():
                    found[top].append((kind, value))
        return found
