"""What is installed in a large firm, made from one seed: few names on every machine, many names on few."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from inventory.licence.recognition_file import shipped
from tests.bench.firm import AT, COMPUTERS, Asset

UNKNOWN = 1_500  # kinds of software no rule knows: own tools, drivers, plug-ins
Name = tuple[str, str, str]  # publisher, name, version
LICENSED = {  # entitlements: product, metric, packs, release
    "microsoft.365-apps": ("named-user", 22_000, ""),
    "microsoft.office": ("device", 6_000, "2021"),
    "microsoft.visio": ("device", 900, "2019"),
    "microsoft.project": ("device", 700, "2019"),
    "microsoft.sql-server": ("core", 4_000, "2019"),
    "microsoft.windows-server": ("core", 30_000, "2022"),
    "adobe.creative-cloud": ("named-user", 1_200, ""),
    "adobe.acrobat": ("named-user", 3_000, ""),
    "autodesk.autocad": ("named-user", 400, "2024"),
    "jetbrains.ide": ("named-user", 900, ""),
    "winrar": ("device", 1_000, ""),
}


def names(drawn: random.Random) -> tuple[list[Name], list[float]]:
    """Every kind of row there is, and how often each is drawn: as one over its rank (Zipf)."""
    known = [
        (one.publisher, one.name, f"{one.version or '1.0'}.{build}")
        for rule in shipped().rules
        for one in rule.examples
        for build in range(30)
    ]
    own = [(f"Vendor {n % 180} Ltd", f"Tool {n} Client", f"{n % 9}.{n % 31}.0") for n in range(UNKNOWN)]
    found = [*known, *own]
    drawn.shuffle(found)
    return found, list(accumulate(1 / (rank + 10) for rank in range(len(found))))


def installations(known: Sequence[Asset], number: int, seed: str = "software") -> Iterator[dict[str, Any]]:
    """Rows of the table of installations, machine by machine; one in twelve is a user's own."""
    drawn = random.Random(seed)  # noqa: S311
    machines = [one for one in known if one.fields["kind"] in COMPUTERS]
    found, weights = names(drawn)
    each, more = divmod(number, len(machines))
    for at, machine in enumerate(machines):
        for name in drawn.choices(found, cum_weights=weights, k=each + (at < more)):
            yield _row(drawn, machine, name)


def _row(drawn: random.Random, machine: Asset, name: Name) -> dict[str, Any]:
    own = drawn.random() < 1 / 12
    return {
        **{"source_run": 1, "asset": machine.tag, "publisher": name[0], "name": name[1], "version": name[2]},
        **{"scope": "user" if own else "machine", "user": f"u{machine.number // 3:05}" if own else ""},
        **{"installed": date(2024, 1, 1) + timedelta(days=drawn.randrange(690)), "last_used": None},
        "last_used_status": "unsupported",
    }


def hardware(known: Sequence[Asset]) -> Iterator[dict[str, Any]]:
    """When each machine was inventoried, and what it computes with."""
    for machine in known:
        if machine.fields["kind"] in COMPUTERS:
            holder = machine.fields["holder"]
            yield {
                **{"asset": machine.tag, "source_run": 1},
                "inventoried": (AT - timedelta(days=machine.number % 33)).date(),
                "hardware": '{"cpus": [8, 8], "memory_mb": 16384, "virtual": false}',
                "primary_user": holder.partition(":")[2] if holder.startswith("person:") else "",
                "system": "Microsoft Windows 11 Pro",
            }


def things() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Entitlements of the firm and some thousands of seats, by reference."""
    for product, (metric, packs, release) in LICENSED.items():
        fields = {
            **{"product": product, "metric": metric, "quantity": str(packs), "starts": "2024-01-01"},
            **{"unit_cost": "90.00", "currency": "GBP", "proof": "ab" * 32, "state": "active"},
            **({"max_release": release, "downgrade": "any"} if release else {}),
        }
        yield f"entitlement:{product}", fields
        for seat in range(min(packs, 900) if metric == "named-user" else 0):
            holder = {"entitlement": product, "holder": f"person:u{7 * seat:05}", "quantity": "1"}
            yield f"seat:{product}-{seat}", {**holder, "since": "2024-02-01"}
