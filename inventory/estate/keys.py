"""By what two sightings are joined, strongest first, and when a value shows itself to be on more than one machine.

The order follows what each key is worth: an object of the directory is one object; a serial number is one machine of
its maker; firmware repeats UUIDs; images repeat host keys; a dock lends its MAC address to whoever is plugged in;
names move. An address (IP) is no key at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from inventory.estate.identity import RANDOMISED
from inventory.estate.partition import Mark, clash
from inventory.estate.sighting import NETWORK, SOURCES, Sighting

RECORD = "one record"
AT_ONCE = timedelta(hours=24)  # machines collected within it are there at the same time
VOUCHED = tuple(source for source in SOURCES if source not in NETWORK)
Keys = Callable[[Sighting], Iterable[str]]


@dataclass(frozen=True)
class Key:
    """One way to join: how it is called, the values of a sighting, and what else tells machines apart.

    The values are those of the ``kinds``, where a reason is the kind of what is void for it, of sightings from the
    ``sources``; or what ``of`` makes of each of these that shares a value of these kinds with another.
    ``strong`` joins by itself, otherwise it is a proposal for a person. ``one_asset``: two assets of the register with
    it are two machines (a serial number twice is one machine registered twice). ``names_suffice``: two machines asked
    at the same time are two if their names differ; else their MAC addresses must differ too.
    """

    name: str
    kinds: tuple[str, ...]
    of: Keys | None = None
    sources: Collection[str] = SOURCES
    strong: bool = True
    one_asset: bool = False
    names_suffice: bool = False


def _serial_and_uuid(sighting: Sighting) -> Iterable[str]:
    return (f"{sighting.serial} {uuid}" for uuid in sighting.keys("uuid") if sighting.serial)


def _serial_and_maker(sighting: Sighting) -> Iterable[str]:
    return (f"{one.key} {one.maker}" for one in sighting.identities if one.key == sighting.serial and one.maker)


def _all_macs(sighting: Sighting) -> Iterable[str]:
    macs = sighting.keys("mac")
    return (" ".join(macs),) if len(macs) > 1 else ()


# On the network an interface is one, even where its address is made up or lent: what the wire and DHCP saw of it
# belongs together. A full name is vouched for by everybody but the network.
KEYS = (
    Key(RECORD, ()),
    Key("objectGUID", ("guid",)),
    Key("serial and UUID", ("uuid",), _serial_and_uuid),
    Key("serial and maker", ("serial",), _serial_and_maker),
    Key("UUID", ("uuid",)),
    Key("host key", ("hostkey",)),
    Key("MAC on the network", ("mac", RANDOMISED), sources=NETWORK),
    Key("all MACs", ("mac",), _all_macs, VOUCHED, one_asset=True, names_suffice=True),
    Key("MAC", ("mac",), one_asset=True, names_suffice=True),
    Key("full name", ("fqdn",), sources=VOUCHED, one_asset=True),
    Key("serial alone", ("serial",), strong=False),
    Key("full name told by the network", ("fqdn",), strong=False),
    Key("host name", ("hostname",), strong=False),
)


def on_several(key: Key, marks: Iterable[Mark], asked: Sequence[tuple[int, Sighting]]) -> str:
    """Why a value is on more than one machine, or empty.

    ``marks`` are those of the clusters that carry it, ``asked`` the machines that do and were asked themselves, each
    with its cluster.
    """
    known = list(marks)
    if clash(known):
        serials, assets = (sorted(set(each) - {""}) for each in zip(*known, strict=True))
        if len(serials) > 1:
            return f"it is on machines with different serials, {serials[0]} and {serials[1]}"
        return f"it is on two assets, {assets[0]} and {assets[1]}"
    return _at_once(key, asked) if len(asked) > 1 and key.name != RECORD else ""


def _at_once(key: Key, asked: Iterable[tuple[int, Sighting]]) -> str:
    """Neighbours in time are enough: where two differ within a day, so do two neighbours between them."""
    timed = sorted(asked, key=lambda host: (_time(host[1]), host[1].order))
    for (one, first), (other, second) in pairwise(timed):
        near = _time(second) - _time(first) <= AT_ONCE.total_seconds()
        if one != other and near and _differ(key, first, second):
            return f"{first.name} and {second.name} had it at the same time"
    return ""


def _time(sighting: Sighting) -> float:
    return sighting.seen.timestamp() if sighting.seen else 0.0


def _differ(key: Key, first: Sighting, second: Sighting) -> bool:
    one, other = set(first.keys("hostname")), set(second.keys("hostname"))
    if not one or not other or one & other:
        return False
    if key.names_suffice:
        return True
    macs = set(first.keys("mac")), set(second.keys("mac"))
    return bool(macs[0] and macs[1] and not macs[0] & macs[1])
