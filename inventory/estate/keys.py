"""By what two sightings are joined, strongest first, and when a value shows itself to be on more than one machine.

The order follows what each key is worth: an object of the directory is one object; a serial number is one machine of
its maker; firmware repeats UUIDs; images repeat host keys; a dock lends its MAC address to whoever is plugged in;
names move. An address (IP) is no key at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from inventory.estate.identity import RANDOMISED
from inventory.estate.partition import Mark
from inventory.estate.sighting import NETWORK, Sighting

RECORD = "one record"
AT_ONCE = timedelta(hours=24)  # machines collected within it are there at the same time
Keys = Callable[[Sighting], Iterable[str]]


@dataclass(frozen=True)
class Key:
    """One way to join: how it is called, the values of a sighting, and what else tells machines apart.

    ``strong`` joins by itself, otherwise it is a proposal for a person. ``one_asset``: two assets of the register with
    it are two machines (a serial number twice is one machine registered twice). ``names_suffice``: two machines asked
    at the same time are two if their names differ; else their MAC addresses must differ too.
    """

    name: str
    of: Keys
    strong: bool = True
    one_asset: bool = False
    names_suffice: bool = False


def _each(kind: str) -> Keys:
    return lambda sighting: sighting.keys(kind)


def _serial_and_uuid(sighting: Sighting) -> Iterable[str]:
    return (f"{sighting.serial} {uuid}" for uuid in sighting.keys("uuid") if sighting.serial)


def _serial_and_maker(sighting: Sighting) -> Iterable[str]:
    return (f"{one.key} {one.maker}" for one in sighting.identities if one.key == sighting.serial and one.maker)


def _all_macs(sighting: Sighting) -> Iterable[str]:
    macs = sighting.keys("mac")
    return (" ".join(macs),) if len(macs) > 1 else ()


def _on_network(sighting: Sighting) -> Iterable[str]:
    """One interface, even where its address is made up or lent: what the wire and DHCP saw of it belongs together."""
    return (*sighting.keys("mac"), *sighting.voided(RANDOMISED)) if sighting.source in NETWORK else ()


def _vouched_fqdn(sighting: Sighting) -> Iterable[str]:
    return () if sighting.source in NETWORK else sighting.keys("fqdn")


KEYS = (
    Key(RECORD, lambda sighting: (sighting.id,)),
    Key("objectGUID", _each("guid")),
    Key("serial and UUID", _serial_and_uuid),
    Key("serial and maker", _serial_and_maker),
    Key("UUID", _each("uuid")),
    Key("host key", _each("hostkey")),
    Key("MAC on the network", _on_network),
    Key("all MACs", _all_macs, one_asset=True, names_suffice=True),
    Key("MAC", _each("mac"), one_asset=True, names_suffice=True),
    Key("full name", _vouched_fqdn, one_asset=True),
    Key("serial alone", _each("serial"), strong=False),
    Key("full name told by the network", _each("fqdn"), strong=False),
    Key("host name", _each("hostname"), strong=False),
)


def on_several(key: Key, marks: Iterable[Mark], carriers: Iterable[tuple[int, Sighting]]) -> str:
    """Why a value is on more than one machine, or empty.

    ``marks`` are those of the clusters that carry it, ``carriers`` the sightings that do, each with its cluster.
    """
    known = list(marks)
    serials = sorted({serial for serial, _ in known if serial})
    if len(serials) > 1:
        return f"it is on machines with different serials, {serials[0]} and {serials[1]}"
    assets = sorted({asset for _, asset in known if asset})
    if len(assets) > 1:
        return f"it is on two assets, {assets[0]} and {assets[1]}"
    asked = [(top, sighting) for top, sighting in carriers if sighting.source == "collected"]
    return _at_once(key, asked) if key.name != RECORD else ""


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
