"""Evidence that looks like one easy thing done over and over: counted once a day, and named.

Two records are alike when the same work touched the same kinds of things in the same shape; who or what it was
done to is private, so ten password resets for ten people on one day are alike, and that is said as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from evidence.strength import RUNS

MANY_A_DAY = 5
MANY = 20


def likeness(record: Mapping[str, Any]) -> str:
    """The same for records of the same work in the same shape; no two statements are alike."""
    operation = record["op"]
    if record["kind"] not in RUNS:
        return f"{operation.get('source', '')} {record['id']}"
    shapes = {f"{step.get('kind')} {step.get('attributes')}" for step in record.get("steps", ())}
    parts = (operation.get("source", ""), *sorted(operation.get("operations", ())), *sorted(shapes))
    return sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Alike:
    """Records of one likeness: what it was, how many, on how many days, and the most on one day."""

    what: str
    number: int
    days: int
    most_a_day: int

    @property
    def suspicious(self) -> bool:
        """Whether it looks like padding."""
        return self.most_a_day >= MANY_A_DAY or (self.number >= MANY and self.days < self.number / 4)


def alike(records: Iterable[Mapping[str, Any]]) -> list[Alike]:
    """Groups of records that are alike, the largest first; only those that look like padding."""
    groups: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for record in records:
        key = likeness(record)
        groups.setdefault(key, []).append(record["when"]["start"][:10])
        names[key] = str(record["op"].get("title") or record["op"].get("source", ""))
    found = [
        Alike(names[key], len(days), len(set(days)), max(map(days.count, set(days)))) for key, days in groups.items()
    ]
    return sorted((one for one in found if one.suspicious), key=lambda one: -one.number)
