"""One source's word on one machine, and one run of a source: the input of every rule about the estate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import groupby
from operator import attrgetter

from inventory.estate.identity import Identity, identities

SOURCES = ("register", "directory", "wire", "dhcp", "collected")
FACTS = ("kind", "state", "approved", "site", "location", "held_since", "disposed_on")  # of an asset
NETWORK = ("wire", "dhcp")  # what the network saw; names there are the device's own claim


@dataclass(frozen=True)
class Sighting:
    """What ``source`` says of the thing it calls ``ref``. ``seen`` is when it was there (UTC), not when we asked.

    Facts of the register are ``FACTS``, and ``state_since`` if known. Of the directory: ``enabled`` (yes, no),
    ``last_logon`` and ``password_set`` (ISO 8601, or ``never``). Of the network: ``switch``, ``port``, ``vlan``. Of
    collected inventory: ``os``, ``model``.
    """

    source: str
    ref: str
    name: str
    identities: tuple[Identity, ...]
    address: str = ""
    seen: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Source and reference, such as ``register:SRV-1``."""
        return f"{self.source}:{self.ref}"

    @cached_property
    def order(self) -> tuple[object, ...]:
        """What sightings are sorted by, so that no rule depends on the order they came in."""
        seen = self.seen.timestamp() if self.seen else 0.0
        return (self.source, self.ref, seen, self.name, self.address, self.identities, sorted(self.facts.items()))

    @property
    def serial(self) -> str:
        """Its trusted serial number, or empty. Of several, the first: one thing has one."""
        return next((one.key for one in self.identities if one.kind == "serial" and not one.void), "")

    def keys(self, kind: str) -> tuple[str, ...]:
        """The canonical values of one kind that identify it."""
        return tuple([key for its, key, _, void, _ in self.identities if its == kind and not void])

    def voided(self, reason: str) -> tuple[str, ...]:
        """The canonical values that were voided for this reason."""
        return tuple(one.key for one in self.identities if one.void == reason)

    def time(self, fact: str) -> datetime | None:
        """A fact that is a point in time; none if it is not known or ``never``."""
        return moment(self.facts.get(fact, ""))


@dataclass(frozen=True)
class SourceRun:
    """One look at a source. ``scopes`` says where: CIDRs, OUs, or ``all``; ``rows`` and ``failures`` are counts."""

    source: str
    ok: bool
    began: datetime
    ended: datetime
    scopes: tuple[str, ...] = ()
    rows: int = 0
    failures: int = 0


@lru_cache(1 << 13)  # things are given out and bought on far fewer days than there are things
def moment(text: str) -> datetime | None:
    """An ISO 8601 date or time as UTC; none for anything else. A date is its first second."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo is UTC else read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)


def day(text: str) -> date | None:
    """The day of an ISO 8601 text, or none."""
    read = moment(text)
    return read.date() if read else None


def registered(tag: str, fields: Mapping[str, str]) -> Sighting:
    """An asset of the register, from its text fields."""
    name = fields.get("hostname") or fields.get("fqdn") or tag
    return Sighting("register", tag, name, identities(fields), fields.get("address", ""), None, dict(fields))


def account(dn: str, fields: Mapping[str, str]) -> Sighting:
    """A computer account, from guid, name, fqdn, enabled, last_logon, password_set; seen when it last signed in."""
    named = {"hostname": fields.get("name", ""), **fields}
    times = [found for key in ("last_logon", "password_set") if (found := moment(fields.get(key, "")))]
    kept = {key: value for key, value in fields.items() if key in ("enabled", "last_logon", "password_set", "os")}
    return Sighting(
        "directory", dn, fields.get("name", dn), identities(named), "", max(times, default=None), kept | {"dn": dn}
    )


def collected(ref: str, fields: Mapping[str, str], seen: datetime) -> Sighting:
    """A machine that was asked itself, from the field names of the register and ``hostkey``."""
    name = fields.get("hostname") or fields.get("fqdn") or ref
    return Sighting("collected", ref, name, identities(fields), fields.get("address", ""), seen, dict(fields))


def on_network(
    source: str,
    mac: str,
    address: str,
    seen: datetime | None,
    name: str = "",
    facts: Mapping[str, str] | None = None,
) -> Sighting:
    """What the wire or a DHCP server saw: a MAC address, an IP address, perhaps a name, port and VLAN."""
    found = identities({"macs": mac, "hostname": name.strip(), "fqdn": ""})
    ref = f"{next((one.key for one in found if one.kind == 'mac' and one.key), mac) or '-'}@{address or '-'}"
    return Sighting(source, ref, name, found, address, seen, dict(facts or {}))


def within(seen: datetime | None, at: datetime, limit: timedelta) -> bool:
    """Whether something was seen, and no longer ago than the limit."""
    return seen is not None and at - seen <= limit


def ordered(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Sorted, each once."""
    key = attrgetter("source", "ref")
    found = sorted(sightings, key=key)
    if len(set(map(key, found))) == len(found):
        return tuple(found)
    return tuple(one for _, same in groupby(found, key) for one in _distinct(list(same)))


def _distinct(same: list[Sighting]) -> list[Sighting]:
    """What one source said of one thing, each word once, in order."""
    return [next(each) for _, each in groupby(sorted(same, key=lambda one: one.order), key=lambda one: one.order)]
