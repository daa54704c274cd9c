"""Leases of three DHCP servers as sightings: dnsmasq, ISC dhcpd, Kea.

The time of a sighting is when the lease was last given or renewed, not when it ends: a lease that runs for a week says
nothing about today. Names are what the device called itself.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from inventory.estate.reading import BadLine, Reading, epoch, lines, seen_at
from inventory.estate.sighting import Sighting

DNSMASQ_LEASE = timedelta(hours=1)  # its default for dhcp-range, dnsmasq(8)
KEA_ASSIGNED = "0"  # 1 is declined, 2 expired and reclaimed
ISC_OPEN = re.compile(r"\s*lease\s+(\S+)\s*\{\s*(#.*)?")
ISC_TIME = re.compile(r"(?:epoch (\d{1,12})|\d (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d))")


def dnsmasq(text: str, lease: timedelta = DNSMASQ_LEASE) -> Reading:
    """``dnsmasq.leases``: end, MAC, address, name, client id. ``lease`` is how long its leases run; with another value
    than the server's, times are wrong by the difference. A lease without end has no known time."""
    rows = [(number, row) for number, row in enumerate(text.splitlines(), 1) if row.strip()]
    six = next((place for place, (_, row) in enumerate(rows) if row.startswith("duid ")), len(rows))
    return lines(rows[:six], lambda row: _dnsmasq(row, lease))  # leases of IPv6 name no MAC address


def _dnsmasq(row: str, lease: timedelta) -> Sighting:
    words = row.split()
    if len(words) not in (4, 5):
        raise ValueError(f"it has {len(words)} words, not 5")
    ends, mac, address, name = words[:4]
    seen = epoch(ends) - lease if ends != "0" else None
    return seen_at("dhcp", mac.rpartition("-")[2] if mac.count("-") == 1 else mac, address, seen, name)


def isc_dhcpd(text: str) -> Reading:
    """``dhcpd.leases``: of several entries for an address, the last holds. Times are UTC, as dhcpd writes them."""
    found: dict[str, Sighting] = {}
    bad: list[BadLine] = []
    whole = True
    for number, address, body in _isc_blocks(text):
        whole = body is not None
        try:
            sighting = _isc(address, body or "")
        except ValueError as error:
            bad.append(BadLine(number, str(error)))
            continue
        if sighting:
            found[address] = sighting
    return Reading(tuple(found.values()), tuple(bad), whole)


def _isc_blocks(text: str) -> Iterator[tuple[int, str, str | None]]:
    """Line, address and statements of each lease; none as the statements of one that does not end."""
    start, address, body = 0, "", list[str]()
    for number, row in enumerate(text.splitlines(), 1):
        opened = ISC_OPEN.fullmatch(row)
        if opened and address:
            yield start, address, None
        if opened:
            start, address, body = number, opened[1], []
        elif row.strip() == "}" and address:
            yield start, address, "\n".join(body)
            address = ""
        elif address:
            body.append(row.strip())
    if address:
        yield start, address, None


def _isc(address: str, body: str) -> Sighting | None:
    if not body:
        raise ValueError(f"the lease of {address[:40]} does not end")
    said = dict(re.findall(r"^(cltt|starts|hardware ethernet|client-hostname|binding state) (.*);", body, re.MULTILINE))
    if "hardware ethernet" not in said:
        return None  # an address that was abandoned or never given
    seen = _isc_time(said.get("cltt") or said.get("starts", ""))
    name = said.get("client-hostname", "").strip('"')
    return seen_at("dhcp", said["hardware ethernet"], address, seen, name, {"lease": said.get("binding state", "")})


def _isc_time(text: str) -> datetime | None:
    if text in ("", "never"):
        return None
    if not (read := ISC_TIME.match(text)):
        raise ValueError(f"{text[:40]} is no time")
    if read[1]:
        return epoch(read[1])
    return datetime.strptime(read[2], "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)


def kea(text: str) -> Reading:
    """``kea-leases4.csv`` (memfile): a journal, so of several lines for an address the last holds."""
    reader = csv.reader(io.StringIO(text, newline=""))
    head = next(reader, [])
    columns = {name: place for place, name in enumerate(head)}
    needed = ("address", "hwaddr", "valid_lifetime", "expire", "hostname", "state")
    if missing := [name for name in needed if name not in columns]:
        return Reading((), (BadLine(1, f"the head has no column {missing[0]}"),), whole=False)
    found: dict[str, Sighting | None] = {}
    bad: list[BadLine] = []
    try:
        for row in reader:
            _kea_row(row, columns, len(head), found, bad, reader.line_num)
    except csv.Error as error:
        bad.append(BadLine(reader.line_num, str(error)))
        return Reading(tuple(one for one in found.values() if one), tuple(bad), whole=False)
    return Reading(tuple(one for one in found.values() if one), tuple(bad))


def _kea_row(
    row: list[str],
    columns: dict[str, int],
    width: int,
    found: dict[str, Sighting | None],
    bad: list[BadLine],
    number: int,
) -> None:
    try:
        if len(row) != width:
            raise ValueError(f"it has {len(row)} fields, not {width}")
        said = {name: row[place] for name, place in columns.items()}
        found[said["address"]] = _kea(said)
    except ValueError as error:
        bad.append(BadLine(number, str(error)))


def _kea(said: dict[str, str]) -> Sighting | None:
    lifetime = epoch(said["valid_lifetime"]) - epoch("0")
    if not lifetime or said["state"] != KEA_ASSIGNED or not said["hwaddr"]:
        return None  # deleted, declined or taken back
    name = re.sub(r"&#x([0-9a-fA-F]{2})", lambda code: chr(int(code[1], 16)), said["hostname"])
    seen = epoch(said["expire"]) - lifetime
    return seen_at("dhcp", said["hwaddr"], said["address"], seen, name, {"subnet": said.get("subnet_id", "")})
