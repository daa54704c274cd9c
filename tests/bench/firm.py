"""A large firm, made from one seed: its register as CSV, what is installed on its machines, what others saw of them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from inventory.estate.networks import Network, Networks
from inventory.estate.sighting import Sighting, SourceRun, account, collected, on_network

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
SITES, LOOKED_AT = 40, 5  # sites, and those of them that the network was looked at in
COLUMNS = (
    *("tag", "kind", "maker", "model", "serial", "uuid", "macs", "hostname", "fqdn", "address", "state", "condition"),
    *("site", "location", "department", "owner", "criticality", "data_class", "approved", "backup_required"),
    *("purchased", "supplier", "invoice", "cost", "currency", "warranty_until", "life_months", "salvage", "holder"),
    *("held_since", "due", "notes"),
)
KINDS = {  # of a hundred assets; makers and models
    "laptop": (44, (("Dell Inc.", "Latitude 5440"), ("LENOVO", "ThinkPad T14 Gen 4"), ("HP", "EliteBook 840 G10"))),
    "desktop": (18, (("Dell Inc.", "OptiPlex 7010"), ("HP", "EliteDesk 800 G9"))),
    "monitor": (16, (("Dell Inc.", "P2423D"), ("LG", "27UP650"))),
    "dock": (7, (("Dell Inc.", "WD19S"), ("LENOVO", "40AY0090"))),
    "phone": (6, (("Apple", "iPhone 14"), ("Samsung", "Galaxy A54"))),
    "server": (3, (("Dell Inc.", "PowerEdge R760"), ("HPE", "ProLiant DL380 Gen11"))),
    "vm": (2, (("VMware, Inc.", "VMware7,1"),)),
    "switch": (2, (("Cisco Systems", "C9300-48P"),)),
    "printer": (2, (("HP", "LaserJet M507"), ("Brother", "HL-L6400DW"))),
}
STATES = {"deployed": 79, "in_stock": 11, "retired": 4, "on_loan": 2, "in_repair": 2, "missing": 1, "lost": 1}
COMPUTERS = ("laptop", "desktop", "server", "vm")
NETWORKED = (*COMPUTERS, "switch", "printer", "phone")
DEPARTMENTS = ("Sales", "Finance", "Research", "Operations", "Legal", "People", "IT", "Production")
PURPOSES = ("corp", "servers", "iot", "guest")
PREFIXES = ("00155d", "3c5282", "a4bb6d", "d89ef3", "f8b46a", "b07b25")


@dataclass(frozen=True)
class Asset:
    """One asset as the register's text fields, and the number it was made from."""

    number: int
    fields: Mapping[str, str]

    @property
    def tag(self) -> str:
        return self.fields["tag"]

    @property
    def site(self) -> int:
        return self.number % SITES


def assets(number: int, seed: str = "firm") -> Iterator[Asset]:
    """So many assets, the same whenever number and seed are."""
    drawn = random.Random(seed)  # noqa: S311
    kinds = drawn.choices(list(KINDS), [share for share, _ in KINDS.values()], k=number)
    states = drawn.choices(list(STATES), list(STATES.values()), k=number)
    for at, (kind, state) in enumerate(zip(kinds, states, strict=True)):
        fields = {**_thing(drawn, at, kind), **_bought(drawn, kind), **_held(drawn, at, kind, state)}
        yield Asset(at, {name: fields.get(name, "") for name in COLUMNS})


def _thing(drawn: random.Random, at: int, kind: str) -> dict[str, str]:
    maker, model = drawn.choice(KINDS[kind][1])
    fields = {
        **{"tag": f"{kind[:3].upper()}-{at:06}", "kind": kind, "maker": maker, "model": model},
        **{"serial": f"J{drawn.getrandbits(36):09X}", "site": f"Site {at % SITES:02}"},
        **{"department": drawn.choice(DEPARTMENTS), "condition": drawn.choice(("new", "good", "good", "worn"))},
        **{"criticality": str(drawn.choice((2, 3, 3, 4))), "data_class": "internal"},
        **{"notes": "Bought with the framework contract of the year" if at % 9 == 0 else ""},
    }
    if kind in NETWORKED or kind == "dock":
        fields["macs"] = _mac(drawn.choice(PREFIXES), at)
        fields["approved"] = "yes" if at % 200 else "no"
    if kind in COMPUTERS:
        name = f"{kind[:2]}{at:06}"
        uuid = f"4c4c4544-{drawn.getrandbits(16):04x}-4{drawn.getrandbits(12):03x}-8010-{drawn.getrandbits(48):012x}"
        fields |= {"uuid": uuid, "hostname": name, "fqdn": f"{name}.corp.example", "backup_required": "yes"}
    if kind in ("server", "switch", "printer"):
        fields["address"] = address_of(at, "servers" if kind != "printer" else "iot")
    return fields


def _mac(prefix: str, number: int) -> str:
    return ":".join(f"{prefix}{number:06x}"[place : place + 2] for place in range(0, 12, 2))


def _bought(drawn: random.Random, kind: str) -> dict[str, str]:
    day = date(2019, 1, 2) + timedelta(days=drawn.randrange(2850))
    dear = {"server": 9, "switch": 5, "laptop": 2}.get(kind, 1)
    return {
        **{"purchased": day.isoformat(), "supplier": drawn.choice(("Bechtle", "Computacenter", "Insight"))},
        **{"invoice": f"INV-{day.year}-{drawn.randrange(9999):04}", "currency": "GBP"},
        **{"cost": f"{dear * drawn.randrange(180, 900)}.{drawn.randrange(100):02}", "life_months": "48"},
        **{"warranty_until": (day + timedelta(days=1095)).isoformat(), "salvage": "20.00"},
    }


def _held(drawn: random.Random, at: int, kind: str, state: str) -> dict[str, str]:
    place = f"Room {at % 400}"
    if state not in ("deployed", "on_loan"):
        return {"state": state, "location": place}
    person = kind in ("laptop", "desktop", "phone", "monitor", "dock")
    since = (AT.date() - timedelta(days=drawn.randrange(3, 1400))).isoformat()
    due = {"due": (AT.date() + timedelta(days=drawn.randrange(-9, 90))).isoformat()} if state == "on_loan" else {}
    holder = f"person:u{at // 3:05}" if person else f"location:{place}"
    return {"state": state, "location": place, "holder": holder, "held_since": since, **due}


def address_of(number: int, purpose: str) -> str:
    """An address of an asset's site, in its network of that purpose."""
    block = ip_network(_block(number % SITES, purpose))
    return str(block[1 + number // SITES % (block.num_addresses - 2)])


def _block(site: int, purpose: str) -> str:
    return f"10.{site}.{64 * PURPOSES.index(purpose)}.0/18"


def networks() -> Networks:
    """The networks of all sites."""
    made = ((site, purpose) for site in range(SITES) for purpose in PURPOSES)
    return Networks(tuple(Network(ip_network(_block(site, what)), what, f"Site {site:02}") for site, what in made))


def write_csv(path: Path, number: int) -> Path:
    """The register of the firm as one file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS)
        out.writeheader()
        out.writerows(asset.fields for asset in assets(number))
    return path


def looks() -> list[SourceRun]:
    """The runs that saw it: the directory as a whole, the wire, DHCP and inventories in some sites only."""
    scopes = tuple(_block(site, purpose) for site in range(LOOKED_AT) for purpose in PURPOSES)
    began = AT - timedelta(days=46)
    early = [SourceRun("wire", True, began, began + timedelta(minutes=9), scopes)]
    ended = AT - timedelta(hours=1)
    where = {"directory": ("DC=corp,DC=example",), "wire": scopes, "dhcp": scopes, "collected": scopes}
    return early + [SourceRun(source, True, ended, ended, here) for source, here in where.items()]


def seen(known: list[Asset], number: int, seed: str = "wire") -> Iterator[Sighting]:
    """So many observations: of every hundred 38 of the wire, 20 of DHCP, 34 of the directory, 8 of inventories."""
    drawn = random.Random(seed)  # noqa: S311
    here = [one for one in known if one.site < LOOKED_AT and one.fields["kind"] in NETWORKED]
    out = [one for one in here if one.fields["state"] in ("deployed", "on_loan") or drawn.random() < 0.02]
    computers = [one for one in out if one.fields["kind"] in COMPUTERS]
    for source, share, among in (("wire", 38, out), ("dhcp", 20, out), ("directory", 34, computers)):
        chosen = _several(drawn, among, number * share // 100)
        yield from (_seen(drawn, source, one, at) for at, one in enumerate(chosen))
    for at, one in enumerate(_several(drawn, computers, number - number * 92 // 100)):
        yield _inventoried(drawn, one, at)


def _several(drawn: random.Random, among: list[Asset], number: int) -> list[Asset]:
    return drawn.sample(among, number) if number <= len(among) else drawn.choices(among, k=number)


def _seen(drawn: random.Random, source: str, one: Asset, at: int) -> Sighting:
    when = AT - timedelta(minutes=drawn.randrange(60, 1400))
    if source == "directory":
        return _account(drawn, one, at)
    mac, name = one.fields["macs"], one.fields["hostname"]
    if at % 25 == 0:  # nobody's: a stranger, or a device that made its address up
        mac, name = _mac("02a1b2" if at % 2 else "b827eb", at), drawn.choice(("", "android-4711", "ESP_1A2B3C"))
    network = drawn.choice(("corp", "corp", "corp", "iot", "guest"))
    place = {"switch": f"sw{one.site}", "port": f"Gi1/0/{at % 48}"} if source == "wire" else {}
    return on_network(source, mac, address_of(one.number, network), when, name, place)


def _account(drawn: random.Random, one: Asset, at: int) -> Sighting:
    signed_in = AT - timedelta(days=drawn.choice((1, 2, 5, 9, 13, 80)), seconds=at)
    name = one.fields["hostname"] if at % 50 else f"old{at:06}"
    fields = {
        **{"guid": f"{at:08x}-1111-4111-8111-{one.number:012x}", "name": name.upper(), "fqdn": f"{name}.corp.example"},
        **{"enabled": "yes", "last_logon": signed_in.isoformat(), "password_set": signed_in.isoformat()},
    }
    return account(f"CN={name}-{at},OU=Site {one.site:02},DC=corp,DC=example", fields)


def _inventoried(drawn: random.Random, one: Asset, at: int) -> Sighting:
    names = ("maker", "serial", "uuid", "macs", "hostname", "fqdn")
    fields = {name: one.fields[name] for name in names} | {"os": "Microsoft Windows 11 Pro"}
    if at % 300 == 0:  # two machines out of one image
        fields |= {"hostname": f"image{at}", "fqdn": "", "serial": f"CLONE{at:05}"}
    fields["address"] = address_of(one.number, "corp")
    return collected(f"{one.fields['hostname']}-{at}", fields, AT - timedelta(days=drawn.randrange(1, 20)))


def read_back(path: Path) -> list[Asset]:
    """The firm from its file, so that it is made once."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Asset(int(row["tag"].rpartition("-")[2]), row) for row in csv.DictReader(file)]
