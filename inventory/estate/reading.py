"""What a reader of somebody else's file gives: sightings, and the lines that made no sense, by number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from inventory.estate.identity import mac as read_mac
from inventory.estate.sighting import Sighting, on_network


@dataclass(frozen=True)
class BadLine:
    """A line, from 1, that could not be read, and why; in JSON and XML the number of the entry."""

    number: int
    why: str


@dataclass(frozen=True)
class Reading:
    """Sightings and bad lines. ``whole`` is false where the file ends early: then absence from it says nothing."""

    sightings: tuple[Sighting, ...]
    bad: tuple[BadLine, ...] = ()
    whole: bool = True


def lines(rows: Iterable[tuple[int, str]], read: Callable[[str], Sighting | None]) -> Reading:
    """Read each numbered line by itself; one that raises ``ValueError`` is counted, and nothing else is lost."""
    found, bad = [], []
    for number, row in rows:
        try:
            sighting = read(row)
        except ValueError as error:
            bad.append(BadLine(number, str(error)))
            continue
        if sighting is not None:
            found.append(sighting)
    return Reading(tuple(found), tuple(bad))


def seen_at(
    source: str, mac: str, address: str, seen: datetime | None, name: str = "", facts: dict[str, str] | None = None
) -> Sighting:
    """A sighting with its MAC and IP address checked; raise ``ValueError`` that says what is wrong."""
    if mac and not read_mac(mac).key:
        raise ValueError(f"{_short(mac)} is no MAC address")
    try:
        plain = str(ip_address(address.partition("%")[0]))
    except ValueError:
        raise ValueError(f"{_short(address)} is no IP address") from None
    return on_network(source, mac, plain, seen, name if name.strip() not in ("*", "-") else "", facts)


def epoch(text: str) -> datetime:
    """Seconds since 1970 as a moment; raise ``ValueError`` if they are none that can be."""
    if not text.strip().isdigit() or len(text.strip()) > 12:
        raise ValueError(f"{_short(text)} is no time in seconds")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text))


def _short(text: str) -> str:
    shown = text if text.isprintable() else ascii(text)
    return (shown if len(shown) <= 40 else shown[:39] + "…") or "nothing"
