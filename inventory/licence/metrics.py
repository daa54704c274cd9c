"""What each metric counts, line by line; every line says why it counts or does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from inventory.licence.census import newest
from inventory.licence.cores import CoreRule, charges
from inventory.licence.demand import Demand, Key, Line
from inventory.licence.model import NO_RELEASE, ORG, Device
from inventory.licence.sessions import concurrent


def lines(demand: Demand, key: Key) -> Iterator[Line]:
    """Every line of demand in one position, counted or not."""
    yield from demand.elsewhere(key)
    if demand.product.category == "prohibited":
        for asset, rank in sorted(demand.installed.ranks.items()):
            yield Line("demand", f"asset:{asset}", True, 1, "prohibited", rank=demand.rank(rank))
        return
    yield from METRICS[key.metric](demand, key)


def _devices(demand: Demand, key: Key) -> Iterator[Line]:
    spare = sum(line.units for line in demand.on_books if line.second_use and line.scope == key.scope)
    seats: Counter[str] = Counter()  # devices that count, by user; each has one further use
    portable_last = sorted(demand.placed(key), key=lambda one: (demand.estate.devices[one[0]].portable, one[0]))
    for asset, rank in portable_last:
        device = demand.estate.devices[asset]
        user = demand.person(device.primary_user)
        if spare and seats[user] and device.portable:
            spare -= 1
            seats[user] -= 1
            yield Line("demand", f"asset:{asset}", False, 1, "second-use", f"of {user}")
            continue
        seats[user] += bool(user)
        yield Line("demand", f"asset:{asset}", True, 1, "device", rank=demand.rank(rank))
    yield from demand.excluded(key)


def _persons(demand: Demand, key: Key) -> Iterator[Line]:
    found: dict[str, tuple[int, str]] = {}
    nobody: list[str] = []
    for person, rank, why in _person_sources(demand, key, nobody):
        known = found.get(person)
        found[person] = (newest(rank, known[0]), known[1]) if known else (rank, why)
    for person, (rank, why) in sorted(found.items()):
        if exemption := demand.exempt_person(person):
            yield Line("demand", f"person:{person}", False, 1, "exempt", f"{exemption.why}, until {exemption.expires}")
        else:
            yield Line("demand", f"person:{person}", True, 1, "named-user", why, demand.rank(rank))
    yield from (Line("demand", f"asset:{asset}", False, 1, "no-user") for asset in sorted(nobody))
    yield from demand.excluded(key)


def _person_sources(demand: Demand, key: Key, nobody: list[str]) -> Iterator[tuple[str, int, str]]:
    """(person, release, why) of seats, of the cloud service's list, and of installations; assets without a user."""
    for line, one in demand.open:
        if (line.metric, line.scope) != (key.metric, key.scope):
            continue
        kind, _, name = one.holder.partition(":")
        user = name if kind == "person" else demand.estate.devices.get(name, Device(name)).primary_user
        if user:
            yield demand.person(user), NO_RELEASE, f"holds a seat of {line.id}"
        else:
            nobody.append(name)
    if key.scope == ORG:
        for account in demand.estate.assignments.get(demand.product.id, ()):
            yield demand.person(account), NO_RELEASE, f"assigned as {account}"
    for asset, rank in demand.placed(key):
        primary = demand.estate.devices[asset].primary_user
        users = {user or primary: each for user, each in demand.installed.users.get(asset, {"": rank}).items()}
        nobody += [asset] if "" in users else []
        yield from ((demand.person(user), each, f"installed on {asset}") for user, each in users.items() if user)


def _sessions(demand: Demand, key: Key) -> Iterator[Line]:
    usage = demand.estate.usage.get(key.product)
    if usage is None:
        yield Line("demand", key.product, False, 0, "not-measured", "no sessions were measured")
        return
    here = (one for one in usage.sessions if demand.scope(one.site, key.metric) == key.scope)
    found = concurrent(here, usage.window)
    when = f", first at {found.at:%Y-%m-%d %H:%M}" if found.at else ""
    because = f"peak {found.peak}{when}; at most {found.p95} in 95 % of the time"
    yield Line("demand", "sessions", True, found.peak, "concurrent", because, NO_RELEASE)


def _instances(demand: Demand, key: Key) -> Iterator[Line]:
    for asset, rank in demand.placed(key):
        yield Line("demand", f"asset:{asset}", True, demand.installed.rows[asset], "instance", rank=demand.rank(rank))
    yield from demand.excluded(key)


def _places(demand: Demand, key: Key) -> Iterator[Line]:
    sites: dict[str, int] = {}
    for asset, rank in demand.placed(key):
        if place := demand.estate.devices[asset].site:
            sites[place] = newest(rank, sites.get(place))
        else:
            yield Line("demand", f"asset:{asset}", False, 1, "no-site")
    for place, rank in sorted(sites.items()):
        yield Line("demand", f"site:{place}", True, 1, "site", rank=demand.rank(rank))
    yield from demand.excluded(key)


def _whole(demand: Demand, key: Key) -> Iterator[Line]:
    ranks = [demand.rank(rank) for _, rank in demand.placed(key)]
    if ranks:
        yield Line("demand", "organisation", True, 1, "enterprise", f"on {len(ranks)} assets", max(ranks))
    yield from demand.excluded(key)


def _cores(demand: Demand, key: Key) -> Iterator[Line]:
    placed = dict(demand.placed(key))
    rule = CoreRule.of(demand.params(key))
    newest_by_host: dict[str, int] = {}
    for asset, rank in placed.items():
        host = demand.estate.hardware[asset].host if asset in demand.estate.hardware and rule.vms else ""
        newest_by_host[host or asset] = newest(rank, newest_by_host.get(host or asset))
    for charge in charges(placed, demand.estate.hardware, rule):
        if charge.cores is None:
            yield Line("demand", f"asset:{charge.asset}", False, 1, "no-hardware", charge.because)
        else:
            rank = demand.rank(newest_by_host.get(charge.asset, 0))
            yield Line("demand", f"asset:{charge.asset}", True, charge.cores, "core", charge.because, rank)
    yield from demand.excluded(key)


def _access(demand: Demand, key: Key) -> Iterator[Line]:
    declared = demand.estate.declared.get(key.product)
    if declared is None or key.scope != ORG:  # a declaration is of the whole organisation
        yield Line("demand", key.product, False, 0, "not-measured", "installations cannot say; declare a count")
    else:
        because = f"{declared.source}, as of {declared.as_of}"
        yield Line("demand", key.product, True, declared.qty, "cal", because, NO_RELEASE)


METRICS: Mapping[str, Callable[[Demand, Key], Iterator[Line]]] = {
    "device": _devices,
    "named-user": _persons,
    "concurrent": _sessions,
    "instance": _instances,
    "site": _places,
    "enterprise": _whole,
    "core": _cores,
    "cal": _access,
}
