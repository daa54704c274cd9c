"""The networks of the firm, ``sites.yaml``, and what may be on them without being registered, ``allowlist.yaml``.

    networks:                          allowed:
      - cidr: 10.1.0.0/24                - mac: 00:11:22:33:44:55   (or oui: 00:11:22, or port: sw1 Gi1/0/4)
        purpose: corp                      owner: amy.ng
        site: London                       until: 2027-03-31
        name: office                       why: meeting room display on trial

Only what stands in ``sites.yaml`` may be scanned. Networks must not overlap, so that an address is in one or in none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import pairwise
from typing import Any

from inventory.estate.identity import mac as read_mac
from ops import strictyaml
from ops.errors import InvalidRequest, Refused

PURPOSES = ("corp", "guest", "iot", "servers", "management")
OPEN = ("guest", "iot")  # where unregistered devices are expected
WIDEST = {4: 16, 6: 48}  # prefix lengths; what is wider is never one network and cannot be looked through in a day
Address = IPv4Address | IPv6Address
Block = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Network:
    """One network: where it is and what it is for."""

    block: Block
    purpose: str
    site: str
    name: str = ""
    vlan: str = ""

    def __str__(self) -> str:
        return self._cidr

    @cached_property
    def _cidr(self) -> str:
        return str(self.block)

    @property
    def called(self) -> str:
        """What people call it: its name, else its CIDR."""
        return self.name or str(self.block)


@dataclass(frozen=True)
class Networks:
    """All networks of the firm, none overlapping another."""

    all: tuple[Network, ...] = ()

    @cached_property
    def _sorted(self) -> tuple[list[tuple[int, int]], list[Network]]:
        found = sorted(self.all, key=lambda one: _start(one.block))
        return [_start(one.block) for one in found], found

    def network_of(self, address: str) -> Network | None:
        """The network an address is in; none if it is in none, or is no address."""
        read = _address(address)
        if read is None:
            return None
        starts, found = self._sorted
        place = bisect_right(starts, (read.version, int(read))) - 1
        return found[place] if place >= 0 and read in found[place].block else None

    def of_site(self, site: str) -> tuple[Network, ...]:
        """The networks of one site."""
        return self._of_site.get(site.casefold(), ()) if site else ()

    @cached_property
    def _of_site(self) -> dict[str, tuple[Network, ...]]:
        found: dict[str, tuple[Network, ...]] = {}
        for one in self.all:
            name = one.site.casefold()
            found[name] = (*found.get(name, ()), one)
        return found

    def may_scan(self, cidr: str) -> Block:
        """The block, if it lies in networks of ours; raise ``Refused`` if any of it does not."""
        block = _block(cidr)
        if block is None:
            raise InvalidRequest(f"{cidr} is not a network", hint="write it as 10.1.0.0/24")
        if not covered(block, (one.block for one in self.all)):
            raise Refused(f"{cidr} is not in sites.yaml, so it is not scanned", hint="add it there if it is yours")
        return block


@dataclass(frozen=True)
class Allowance:
    """Something that may be on the network without being registered, until a day. Who owns it, and why."""

    kind: str  # mac, oui, port
    value: str
    owner: str
    until: date
    why: str

    def fits(self, macs: Iterable[str], port: str) -> bool:
        """Whether it speaks of a device with these canonical MAC addresses at this switch port."""
        if self.kind == "port":
            return bool(port) and port.casefold() == self.value.casefold()
        return any(mac.startswith(self.value) for mac in macs)


def read_networks(text: str, source: str = "sites.yaml") -> Networks:
    """Read and check the networks; raise ``InvalidRequest`` with the place of the first mistake."""
    strictyaml.parse(text, _networks_model(), source)
    read = strictyaml.document(text, source)
    rows: Any = read.value or {}
    found = []
    for number, row in enumerate(rows.get("networks", [])):
        place = ("networks", number)
        if row["purpose"] not in PURPOSES:
            raise read.mistake((*place, "purpose"), f"purpose is one of {', '.join(PURPOSES)}")
        if not row["site"].strip():
            raise read.mistake((*place, "site"), "a network needs the name of its site")
        block = _fit_block(read, (*place, "cidr"), row["cidr"])
        found.append((Network(block, row["purpose"], row["site"], row.get("name", ""), row.get("vlan", "")), place))
    for (one, _), (other, place) in pairwise(sorted(found, key=lambda pair: (_start(pair[0].block), pair[1]))):
        if one.block.overlaps(other.block):
            raise read.mistake((*place, "cidr"), f"{other} overlaps {one}", "keep the networks as they are routed")
    return Networks(tuple(one for one, _ in found))


def read_allowances(text: str, source: str = "allowlist.yaml") -> Sequence[Allowance]:
    """Read and check the allow-list; raise ``InvalidRequest`` with the place of the first mistake."""
    strictyaml.parse(text, _allowances_model(), source)
    read = strictyaml.document(text, source)
    rows: Any = read.value or {}
    return [_allowance(read, ("allowed", number), row) for number, row in enumerate(rows.get("allowed", []))]


def covered(block: Block, scopes: Iterable[Block]) -> bool:
    """Whether the scopes together hold the whole block; several halves may make one whole."""
    near = [one for one in scopes if one.version == block.version and one.overlaps(block)]
    low, high = int(block.network_address), int(block.broadcast_address)
    for start, end in sorted((int(one.network_address), int(one.broadcast_address)) for one in near):
        if start > low:
            return False
        low = max(low, end + 1)
    return low > high


def _allowance(read: strictyaml.Document, place: tuple[str | int, ...], row: dict[str, str]) -> Allowance:
    kinds = [kind for kind in ("mac", "oui", "port") if kind in row]
    if len(kinds) != 1:
        raise read.mistake(place, "an entry names one thing", "give one of mac, oui or port")
    for key in ("owner", "why"):
        if not row[key].strip():
            raise read.mistake((*place, key), f"{key} is empty", "an allowance without it is nobody's")
    try:
        until = date.fromisoformat(row["until"])
    except ValueError:
        raise read.mistake((*place, "until"), "until is not a day", "write it as 2027-03-31") from None
    return Allowance(kinds[0], _allowed_value(read, place, kinds[0], row[kinds[0]]), row["owner"], until, row["why"])


def _allowed_value(read: strictyaml.Document, place: tuple[str | int, ...], kind: str, text: str) -> str:
    if kind == "port":
        if not text.strip():
            raise read.mistake((*place, kind), "port is empty", "write switch and port as sw1 Gi1/0/4")
        return " ".join(text.split())
    found = read_mac(text if kind == "mac" else text + ":00:00:00")
    if not found.key:
        raise read.mistake((*place, kind), f"{strictyaml.shown(text)} cannot be read as {kind}", "write 00:11:22…")
    if found.void:
        raise read.mistake((*place, kind), f"it cannot be allowed: {found.void}", "allow the switch port instead")
    return found.key if kind == "mac" else found.key[:6]


def _fit_block(read: strictyaml.Document, place: tuple[str | int, ...], text: str) -> Block:
    block = _block(text)
    if block is None:
        loose = _block(text, strict=False)
        hint = f"the network is {loose}" if loose else "write it as 10.1.0.0/24"
        raise read.mistake(place, f"{strictyaml.shown(text)} is not a network", hint)
    if block.prefixlen < WIDEST[block.version]:
        limit = WIDEST[block.version]
        raise read.mistake(place, f"{block} is wider than /{limit}", "list the networks that are really there")
    return block


def _block(text: str, strict: bool = True) -> Block | None:
    try:
        return ip_network(text.strip(), strict=strict) if "/" in text else None
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        return ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None


def _start(block: Block) -> tuple[int, int]:
    return block.version, int(block.network_address)


def _networks_model() -> Any:
    from pydantic import BaseModel, ConfigDict

    class Row(BaseModel):
        model_config = ConfigDict(extra="forbid")
        cidr: str
        purpose: str
        site: str
        name: str = ""
        vlan: str = ""

    class File(BaseModel):
        model_config = ConfigDict(extra="forbid")
        networks: list[Row]

    return File


def _allowances_model() -> Any:
    from pydantic import BaseModel, ConfigDict

    class Row(BaseModel):
        model_config = ConfigDict(extra="forbid")
        mac: str = ""
        oui: str = ""
        port: str = ""
        owner: str
        until: str
        why: str

    class File(BaseModel):
        model_config = ConfigDict(extra="forbid")
        allowed: list[Row]

    return File
