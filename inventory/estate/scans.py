"""What the wire shows, as sightings: the kernel's table of neighbours, and a scan of nmap."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from inventory.estate.reading import BadLine, Reading, epoch, seen_at
from inventory.estate.sighting import Sighting
from ops.errors import InvalidRequest

ANSWERED = ("REACHABLE", "DELAY", "PROBE")  # confirmed within seconds; the others may be of last week
KEPT = ("STALE",)
LARGEST = 64 << 20  # bytes of a scan


def neighbours(text: str, at: datetime) -> Reading:
    """``ip -j neigh``, read at a moment. A stale entry says when only with ``ip -s -j neigh``; without, its time is
    not known. Failed and incomplete entries, and those written by hand, saw nothing."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Reading((), (BadLine(getattr(error, "lineno", 1), "this is not JSON"),), whole=False)
    if not isinstance(rows, list):
        return Reading((), (BadLine(1, "a list of neighbours should stand here"),), whole=False)
    found, bad = [], []
    for number, row in enumerate(rows, 1):
        try:
            sighting = _neighbour(row, at)
        except (ValueError, TypeError, OverflowError) as error:
            bad.append(BadLine(number, str(error)))
            continue
        found += [sighting] if sighting else []
    return Reading(tuple(found), tuple(bad))


def _neighbour(row: Any, at: datetime) -> Sighting | None:
    if not isinstance(row, dict) or not isinstance(row.get("dst"), str):
        raise ValueError("an entry has no address")
    mac, states = row.get("lladdr"), row.get("state")
    if not isinstance(mac, str) or not isinstance(states, list):
        return None
    if not {*ANSWERED, *KEPT} & {str(state) for state in states}:
        return None
    seen: datetime | None = at
    if "confirmed" in row:
        seen = at - timedelta(seconds=float(row["confirmed"]))
    elif not set(ANSWERED) & {str(state) for state in states}:
        seen = None
    return seen_at("wire", mac, row["dst"], seen, facts={"interface": str(row.get("dev", ""))})


def nmap(content: bytes) -> Reading:
    """``nmap -oX``. Raise ``InvalidRequest`` if the safe XML reader is not installed; a file that is cut off, was
    stopped, or is not nmap's has one bad line and is not whole."""
    if len(content) > LARGEST:
        return Reading((), (BadLine(1, "it is larger than 64 MiB"),), whole=False)
    try:
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import ParseError, fromstring
    except ImportError as error:
        message = "a scan of nmap is not read without defusedxml"
        raise InvalidRequest(message, hint="install it: pip install defusedxml") from error
    try:
        root = fromstring(content)
    except ParseError as error:
        return Reading((), (BadLine(error.position[0], "this is not XML, or it is cut off"),), whole=False)
    except (DefusedXmlException, ValueError, LookupError):
        return Reading((), (BadLine(1, "it declares entities, which nmap never does"),), whole=False)
    if root.tag != "nmaprun":
        return Reading((), (BadLine(1, "this is not a scan of nmap"),), whole=False)
    return _nmap(root)


def _nmap(root: Any) -> Reading:
    found, bad = [], []
    finished = root.find("runstats/finished")
    ended = (finished.get("time") if finished is not None else "") or root.get("start", "")
    for number, host in enumerate(root.iter("host"), 1):
        try:
            sighting = _host(host, ended)
        except ValueError as error:
            bad.append(BadLine(number, str(error)))
            continue
        found += [sighting] if sighting else []
    return Reading(tuple(found), tuple(bad), finished is not None and finished.get("exit") == "success")


def _host(host: Any, ended: str) -> Sighting | None:
    """One host; a ping scan gives it no time of its own, so that of the scan's end is taken."""
    status = host.find("status")
    if status is None or status.get("state") != "up" or status.get("reason") == "localhost-response":
        return None  # the last is the machine that scans
    addresses = {one.get("addrtype", ""): one.get("addr", "") for one in host.iter("address")}
    names = [one.get("name", "") for one in host.iter("hostname")]
    seen = epoch(host.get("endtime") or ended)
    maker = next((one.get("vendor", "") for one in host.iter("address") if one.get("vendor")), "")
    address = addresses.get("ipv4") or addresses.get("ipv6", "")
    facts = {"reason": status.get("reason", ""), "oui": maker}
    return seen_at("wire", addresses.get("mac", ""), address, seen, next(iter(names), ""), facts)
