"""The register itself, one line an asset, and how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inventory.register.fields import Fields
from inventory.register.states import USABLE
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Chapter
from inventory.report.inputs import Inputs
from inventory.report.parts import Chart, Column, Table, Tile
from inventory.report.things import OWNED, assets, cost, day, model, state, worth

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

IN_USE, SPARE, AWAY = ("deployed", "on_loan"), ("received", "in_stock"), ("in_repair", "missing")
NETWORKED = ("laptop", "desktop", "server", "vm", "switch", "router", "access-point", "firewall", "printer")
GROUPS = {"In use": IN_USE, "On the shelf": SPARE, "Away": AWAY, "Going out": ("retired", "sanitised")}


@dataclass
class Kinds:
    """Assets on the books by kind and state."""

    found: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, _: str, one: Fields) -> None:
        """Count one asset."""
        if one.get("state") in OWNED:
            self.found[one.get("kind", ""), one["state"]] += 1

    def total(self, *states: str) -> int:
        """How many are in these states."""
        return sum(count for (_, word), count in self.found.items() if word in states)


COLUMNS = (
    *(Column("Tag", "id", 13), Column("Kind", width=11), Column("Model", width=25), Column("Serial", "id", 16)),
    *(Column("State", width=11), Column("Site", width=11), Column("Location", width=14)),
    *(Column("Department", width=14), Column("Owner", width=14), Column("Holder", width=18)),
    *(Column("Purchased", "date", 12), Column("Cost", "money", 16, total=True)),
    *(Column("Book value", "money", 16, total=True), Column("Warranty until", "date", 13)),
)
ADDRESSED = (
    *(Column("Tag", "id", 13), Column("Kind", width=12), Column("Name", "id", 22), Column("Full name", "id", 28)),
    *(Column("Address", "id", 16), Column("Hardware addresses", "id", 24), Column("Department", width=16)),
    *(Column("Owner", width=16), Column("May connect", "verdict", 13, meaning={"yes": "PASS", "no": "FAIL"})),
    *(Column("Criticality", "id", 12), Column("Data class", width=14), Column("Backed up", width=12)),
)


def chapter(inputs: Inputs, seen: Snapshot, kinds: Kinds) -> Chapter:
    """The sheets Register, On the network and Kinds."""

    def rows() -> Iterator[Sequence[object]]:
        return (_row(inputs, tag, one) for tag, one in assets(seen) if one.get("state") != "disposed")

    def addressed() -> Iterator[Sequence[object]]:
        return (_addressed(tag, one) for tag, one in assets(seen) if networked(one))

    note = "All assets but those disposed of, which have a sheet of their own. Cost as entered."
    listed = sorted({kind for kind, _ in kinds.found})
    known = "What CIS Controls v8, 1.1 asks for, of what can be on the network. Nobody said: UNKNOWN."
    tables = [
        Table("register", "Register", COLUMNS, rows, note),
        Table("addresses", "On the network", ADDRESSED, addressed, known),
        _kinds(kinds, listed),
    ]
    total = kinds.total(*OWNED)
    chart = Chart("bar", "Assets by kind", _alt(kinds, listed), "kinds", "Kind", ("In use", "On the shelf"))
    return Chapter(
        tables,
        tiles=[Tile("Assets on the books", total), Tile("In use", kinds.total(*IN_USE))],
        charts=[chart] if listed else [],
        gaps=[] if total else ["Assets: the register is empty (ops asset import takes a CSV file in)."],
        definitions=list(_definitions()),
        sources=[Source("Register", True, inputs.as_of, 0.0, reason=f"up to event {inputs.head}")],
    )


def networked(one: Fields) -> bool:
    """Whether it is of a kind that has an address, and in use or could be."""
    return one.get("state") in USABLE and one.get("kind") in NETWORKED


def _definitions() -> Iterator[Definition]:
    states = f"state is one of {', '.join(OWNED)}"
    yield Definition("Assets on the books", "What we own or answer for.", states, "Register")
    yield Definition(
        "Book value",
        "What is left of the cost: straight line, by whole months since the purchase.",
        "cost - (cost - salvage) x months used / months of life, never below the salvage value",
        "Register",
    )


def _row(inputs: Inputs, tag: str, one: Fields) -> Sequence[object]:
    places = (one.get(name, "") for name in ("site", "location", "department", "owner"))
    thing = (tag, one.get("kind", ""), model(one, ""), one.get("serial", ""), state(one))
    money = (day(one, "purchased"), cost(one), worth(one, inputs.today), day(one, "warranty_until"))
    return *thing, *places, one.get("holder", "").removeprefix("person:"), *money


def _addressed(tag: str, one: Fields) -> Sequence[object]:
    names = ("kind", "hostname", "fqdn", "address", "macs", "department", "owner", "approved")
    more = ("criticality", "data_class", "backup_required")
    return tag, *(one.get(name, "") for name in (*names, *more))


def _kinds(kinds: Kinds, listed: Sequence[str]) -> Table:
    columns = (
        Column("Kind", width=20),
        *(Column(title, "integer", 14, total=True) for title in GROUPS),
        Column("On the books", "integer", 15, total=True),
    )
    rows = []
    for kind in listed:
        groups = [sum(kinds.found[kind, word] for word in words) for words in GROUPS.values()]
        rows.append((kind, *groups, sum(groups)))
    note = "Away: in repair or missing. Going out: retired or sanitised."
    return Table("kinds", "Kinds", columns, rows, note)


def _alt(kinds: Kinds, listed: Sequence[str]) -> str:
    each = (f"{kind} {sum(kinds.found[kind, word] for word in IN_USE)}" for kind in listed)
    return f"In use by kind: {', '.join(each)}."
