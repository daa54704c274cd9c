"""Where a machine is, from all that sources said, and why sightings are one machine or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inventory.estate.explaining import explain
from inventory.estate.joining import JOINED, Cluster, join
from inventory.estate.sighting import Sighting
from inventory.register.observed import sightings
from inventory.register.store import Register
from ops.cli.tabled import Said
from ops.errors import NotFound


def where(register: Register, word: str) -> Said:
    """Every sighting of the machines in which a word stands."""
    clusters = _clusters(register)
    found = [one for one in clusters if any(_has(each, word) for each in one.sightings)]
    if not found:
        raise NotFound(f"nothing was seen as {word}", hint="ops estate discover asks every source what is there")
    rows = [row for number, one in enumerate(found, 1) for row in _rows(number, one)]
    columns = {"machine": "machine", "source": "source", "as": "name", "address": "address", "at": "port",
               "seen": "seen", "id": "id", "because": "because"}  # fmt: skip
    return Said("sightings", columns, rows, "nothing was seen")


def _clusters(register: Register) -> list[Cluster]:
    with register.reading() as seen:
        return list(join(sightings(seen)))


def _has(one: Sighting, word: str) -> bool:
    texts = (one.ref, one.name, one.address, *(identity.raw for identity in one.identities))
    plain = word.lower()
    keys = {identity.key.lower() for identity in one.identities if identity.key}
    return any(text.lower() == plain for text in texts) or plain in keys or plain.replace(":", "") in keys


def _rows(number: int, cluster: Cluster) -> Iterator[dict[str, Any]]:
    joined: dict[str, str] = {}
    for link in cluster.decided(JOINED):
        joined.setdefault(link.other, link.because)
        joined.setdefault(link.one, link.because)
    newest = sorted(cluster.sightings, key=lambda one: one.seen.timestamp() if one.seen else 0.0, reverse=True)
    for one in newest:
        place = " ".join(one.facts[name] for name in ("switch", "port", "location", "site") if one.facts.get(name))
        yield {
            "machine": number, "source": one.source, "name": one.name, "address": one.address, "port": place,
            "seen": f"{one.seen:%Y-%m-%d %H:%M}" if one.seen else "", "id": one.id,
            "because": joined.get(one.id, "alone" if len(cluster.sightings) == 1 else ""),
        }  # fmt: skip


def why(register: Register, one: str, other: str) -> Said:
    """Why two sightings are one machine or are not."""
    clusters = _clusters(register)
    lines = explain(clusters, _id(clusters, one), _id(clusters, other))
    return Said("reasons", {"because": "because"}, [{"because": line} for line in lines], "nothing links them")


def _id(clusters: list[Cluster], word: str) -> str:
    """The sighting a word means: its id, or a tag, name or address that only one has."""
    ids = {one.id for cluster in clusters for one in cluster.sightings}
    if word in ids:
        return word
    found = [one.id for cluster in clusters for one in cluster.sightings if _has(one, word)]
    registered = [name for name in found if name.startswith("register:")]
    if not found:
        raise NotFound(f"nothing was seen as {word}", hint="ops estate locate finds by tag, name or address")
    return (registered or found)[0]
