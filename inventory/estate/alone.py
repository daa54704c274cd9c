"""Assets that share no value with anything: most of a register. Nobody saw them, and none is a double of another, so
they need not be joined, and all that can be said of one is that it is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain
from typing import Any

from inventory.estate.identity import full, hex_digits, label, spaced
from inventory.estate.sighting import Sighting

MARKS = ("serial", "uuid_key", "macs", "fqdn", "hostname")  # fields that hold what another thing may have too
FIELDS = ("key", "kind", "state", "held_since", "site", "address")
Alone = tuple[Any, ...]  # one asset by these fields; each is a text or None
Columns = Mapping[str, Sequence[Any]]  # field → the texts of all assets


def sharing(assets: Columns, others: Iterable[Sighting]) -> set[int]:
    """The numbers of those that share a value, void or not, with another or with what other sources saw.

    By columns, as one asset after another takes twice as long.
    """
    taken: dict[str, set[str]] = defaultdict(set)
    for kind, key, *_ in chain.from_iterable(one.identities for one in others):
        taken[kind].add(key)
    found: set[int] = set()
    for kind, numbers, values in _values(*(assets[name] for name in MARKS)):
        last = dict(zip(values, numbers, strict=True))
        found.update([last[value] for value in last.keys() & taken[kind]])
        if len(last) < len(values):
            pairs = zip(values, numbers, strict=True)
            again = [(value, number) for value, number in pairs if last[value] != number]
            found.update([number for value, other in again for number in (other, last[value])])
    return found


def _values(
    serials: Sequence[str | None],
    uuid_keys: Sequence[str | None],
    macs: Sequence[str | None],
    fqdns: Sequence[str | None],
    hostnames: Sequence[str | None],
) -> Iterator[tuple[str, Sequence[int], Sequence[str]]]:
    """For each kind of value, all there are in one writing, with the numbers of their assets."""
    yield "serial", *_said(spaced, serials)
    yield "uuid", *_said(str, uuid_keys)
    numbers, parted = _said(lambda some: some.replace(",", " "), macs)
    of = [number for number, some in zip(numbers, parted, strict=True) for _ in some.split()]
    yield "mac", of, [hex_digits(one) for some in parted for one in some.split()]
    yield "fqdn", *_said(full, [fqdn or name for fqdn, name in zip(fqdns, hostnames, strict=True)])
    yield "hostname", *_said(label, [name or fqdn for fqdn, name in zip(fqdns, hostnames, strict=True)])


def _said(form: Callable[[str], str], column: Sequence[str | None]) -> tuple[list[int], list[str]]:
    return [number for number, one in enumerate(column) if one], [form(one) for one in column if one]


def apart(assets: Columns, near: Set[int]) -> Iterator[Alone]:
    """Those that do not share anything."""
    columns = zip(*(assets[name] for name in FIELDS), strict=True)
    return (one for number, one in enumerate(columns) if number not in near)
