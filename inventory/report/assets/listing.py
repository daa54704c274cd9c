"""The register itself, one line an asset, and how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inventory.register.fields import Fields
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Chapter
from inventory.report.inputs import Inputs
from inventory.report.parts import Chart, Column, Table, Tile
from inventory.report.things import OWNED, assets, cost, day, state, worth

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

IN_USE, SPARE, AWAY = ("deployed", "on_loan"), ("received", "in_stock"), ("in_repair", "missing")
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
    *(Column("Tag", "id", 13), Column("Kind", width=12), Column("Maker", width=13), Column("Model", width=20)),
    *(Column("Serial", "id", 17), Column("Name", "id", 18), Column("Address", "id", 15), Column("MACs", "id", 19)),
    *(
        Column("State", width=12),
        Column("Site", width=12),
        Column("Location", width=16),
        Column("Department", width=15),
    ),
    *(Column("Owner", width=15), Column("Holder", width=20), Column("Approved", width=11)),
    *(Column("Criticality", width=12), Column("Data class", width=13), Column("Purchased", "date", 12)),
    *(Column("Cost", "money", 16, total=True), Column("Book value", "money", 16, total=True)),
    Column("Warranty until", "date", 13),
)


def chapter(inputs: Inputs, seen: Snapshot, kinds: Kinds) -> Chapter:
    """The sheets Register and Kinds."""

    def rows() -> Iterator[Sequence[object]]:
        return (_row(inputs, tag, one) for tag, one in assets(seen) if one.get("state") != "disposed")

    note = "All assets but those disposed of, which have a sheet of their own. Cost as paid, without tax, as entered."
    listed = sorted({kind for kind, _ in kinds.found})
    table = Table("register", "Register", COLUMNS, rows, note)
    chart = Chart(
        "bar", "Assets on the books by kind", _alt(kinds, listed), "kinds", "Kind", ("In use", "On the shelf")
    )  # fmt: skip
    total = kinds.total(*OWNED)
    return Chapter(
        [table, _kinds(kinds, listed)],
        tiles=[Tile("Assets on the books", total), Tile("In use", kinds.total(*IN_USE))],
        charts=[chart] if listed else [],
        gaps=[] if total else ["Assets: the register is empty (ops asset import takes a CSV file in)."],
        definitions=[
            Definition("Assets on the books", "What we own or answer for.",
                       f"state is one of {', '.join(OWNED)}", "Register"),
            Definition(
                "Book value",
                "What is left of the cost: straight line, by whole months since the purchase.",
                "cost - (cost - salvage) x months used / months of life, never below the salvage value",
                "cost, purchased, life_months, salvage",
            ),
        ],
        sources=[Source("Register", True, inputs.as_of, 0.0, reason=f"up to event {inputs.head}")],
    )  # fmt: skip


def _row(inputs: Inputs, tag: str, one: Fields) -> Sequence[object]:
    texts = ("kind", "maker", "model", "serial", "hostname", "address", "macs")
    places = ("site", "location", "department", "owner")
    return (
        *(tag, *(one.get(name, "") for name in texts), state(one), *(one.get(name, "") for name in places)),
        *(one.get("holder", "").removeprefix("person:"), one.get("approved", ""), one.get("criticality", "")),
        *(one.get("data_class", ""), day(one, "purchased"), cost(one), worth(one, inputs.today)),
        day(one, "warranty_until"),
    )


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
