"""Joining sightings of one machine into clusters, with the reason for each pair joined, proposed or refused.

Keys are taken strongest first. Before a key joins anybody, it is asked whether the value is on several machines; what
is, joins nothing. Two clusters with different trusted serials are never joined (glpi#9741), and a sighting without a
serial that would bridge two of them joins neither. The result depends on what was seen, not on its order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from inventory.estate.keys import KEYS, RECORD, Key, on_several
from inventory.estate.partition import Forest, Mark, partition
from inventory.estate.sighting import NETWORK, Sighting, ordered

JOINED, PROPOSED, REFUSED = "joined", "proposed", "refused"
TOO_MANY = 8  # clusters with the same weak value; above that it hints at nothing


@dataclass(frozen=True, order=True)
class Link:
    """What was decided on a pair of sightings, given by their ids: by which key and value, and the reason."""

    outcome: str
    one: str
    other: str
    key: str
    value: str
    because: str


@dataclass(frozen=True)
class Cluster:
    """Sightings of one machine, and the links they took part in; refused and proposed ones lead to other clusters."""

    sightings: tuple[Sighting, ...]
    links: tuple[Link, ...] = ()

    def of(self, *sources: str) -> tuple[Sighting, ...]:
        """Its sightings from some sources."""
        return tuple([one for one in self.sightings if one.source in sources])

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


def _near(sightings: Sequence[Sighting]) -> Iterator[int]:
    """The sightings that have any value in common with another; no key can join the rest, which are most of them."""
    once: set[tuple[str, str]] = set()
    again: set[tuple[str, str]] = set()
    for one in sightings:
        marks = _marks(one)
        again |= marks & once
        once |= marks
    yield from (number for number, one in enumerate(sightings) if not again.isdisjoint(_marks(one)))


def _marks(one: Sighting) -> set[tuple[str, str]]:
    """All that a key may look at, void or not."""
    return {(RECORD, one.id), *(value[:2] for value in one.identities)}


@dataclass(frozen=True)
class _Bucket:
    """One value of one key: the sightings that carry it, and for each cluster the first of them."""

    value: str
    numbers: tuple[int, ...]
    carriers: Mapping[int, int]


class _State:
    """Sightings in a forest; the top of each cluster is marked with its serial and its asset."""

    def __init__(self, sightings: tuple[Sighting, ...]) -> None:
        self.sightings = sightings
        self.forest = Forest()
        self.marks: dict[int, Mark] = {
            number: (one.serial, one.ref if one.source == "register" else "") for number, one in enumerate(sightings)
        }
        self.links: dict[tuple[int, int], Link] = {}
        self._near = list(_near(sightings))

    def join_by(self, key: Key) -> None:
        """One round of a strong key."""
        usable = [bucket for bucket in self._buckets(key) if not self._refused(key, bucket)]
        marks = {top: self._mark(key, top) for bucket in usable for top in bucket.carriers}
        labels = partition([tuple(bucket.carriers) for bucket in usable], marks)
        for bucket in usable:
            groups: dict[int, list[int]] = defaultdict(list)
            for top, number in bucket.carriers.items():
                groups[labels[top]].append(number)
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
                yield _Bucket(value, tuple(numbers), carriers)

    def _shared(self, key: Key) -> dict[str, list[int]]:
        """The values that more than one sighting carries; most are carried by one."""
        first: dict[str, int] = {}
        found: dict[str, list[int]] = {}
        for number in self._near:
            for value in key.of(self.sightings[number]):
                other = first.setdefault(value, number)
                if other != number:
                    found.setdefault(value, [other]).append(number)
        return found

    def _refused(self, key: Key, bucket: _Bucket) -> bool:
        marks = [self._mark(key, top) for top in bucket.carriers]
        hosts = [(self.forest.top(number), self.sightings[number]) for number in bucket.numbers]
        why = on_several(key, marks, hosts)
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
        pair = (min(one, other), max(one, other))
        if outcome == JOINED or pair not in self.links:
            ids = self.sightings[pair[0]].id, self.sightings[pair[1]].id
            self.links[pair] = Link(outcome, *ids, key.name, value, because)

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
        return [Cluster(tuple(found), tuple(sorted(links.get(root, ())))) for root, found in members.items()]
