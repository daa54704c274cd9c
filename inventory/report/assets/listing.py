"""The register itself, one line an asset, and how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inventory.register.fields import Fields
from inventory.register.states import USABLE
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter
from inventory.report.inputs import Inputs
from inventory.report.parts import Chart, Column, Table, Tile
from inventory.report.things import LOST, OWNED, Kept, assets, cost, few, holder, many, model, state

IN_USE, SPARE, AWAY, LEAVING = (
    *(("deployed", "on_loan"), ("received", "in_stock"), ("in_repair", "missing"), ("retired", "sanitised")),
)
NETWORKED = ("laptop", "desktop", "server", "vm", "switch", "router", "access-point", "firewall", "printer")
READY, UNFIT = "Ready on the shelf", "Broken or away"
GROUPS = ("In use", READY, UNFIT, "Going out")
BESIDE = ("planned", "ordered", "quarantined", *LOST, "disposed")  # in the register and not on the books


@dataclass
class Kinds:
    """Assets by kind and group, how many there are in each state, and what is broken and on the shelf."""

    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    beside: Counter[str] = field(default_factory=Counter)  # not on the books, by state

    def take(self, tag: str, one: Fields) -> None:
        """Count one asset."""
        state = one.get("state", "")
        if state not in OWNED:
            self.beside[state] += 1
            return
        group = group_of(one)
        self.found[one.get("kind", ""), group] += 1
        if group == UNFIT and state in SPARE:
            self.broken.append(tag)

    def total(self, *groups: str) -> int:
        """How many are in these groups; without any, all on the books."""
        return sum(count for (_, word), count in self.found.items() if not groups or word in groups)

    @property
    def scope(self) -> str:
        """Of all assets, how many are on the books and what the others are."""
        owned = self.total()
        counts = {title: self.total(title) for title in GROUPS}
        said = ", ".join(f"{count:,} {title[0].lower()}{title[1:]}" for title, count in counts.items() if count)
        whole = many(owned + self.beside.total(), "asset")
        return f"{whole} in the register: {owned:,} on the books{f' ({said})' if said else ''}" \
            + (f"; {self.others}" if self.others else "")  # fmt: skip

    @property
    def others(self) -> str:
        """What is in the register and not on the books, by state."""
        return ", ".join(f"{self.beside[word]:,} {word}" for word in BESIDE if self.beside[word])


def group_of(one: Fields) -> str:
    """Which group an asset on the books belongs to; what is broken and on the shelf is not ready for anybody."""
    state = one.get("state", "")
    if state in IN_USE:
        return "In use"
    if state in LEAVING:
        return "Going out"
    return UNFIT if state in AWAY or one.get("condition") == "broken" else READY


COLUMNS = (
    *(Column("Tag", "id", 13), Column("Kind", width=11), Column("Model", width=24), Column("Serial", "id", 16)),
    *(Column("State", width=11), Column("Condition", width=13), Column("Site", width=14)),
    *(Column("Location", width=16), Column("Department", width=15), Column("Holder", width=18)),
    Column("Cost", "money", 15, total=True),
)
ADDRESSED = (
    *(Column("Tag", "id", 13), Column("Kind", width=12), Column("Name", "id", 30), Column("Address", "id", 16)),
    *(Column("Hardware addresses", "note", 20), Column("Owner", width=15), Column("Department", width=15)),
    *(Column("May connect", "verdict", 12, meaning={"yes": "PASS", "no": "FAIL"}), Column("Criticality", "id", 14)),
    *(Column("Data class", width=13), Column("Backed up", width=11)),
)


def chapter(inputs: Inputs, kept: Kept, kinds: Kinds) -> Chapter:
    """The sheets Register, On the network and Kinds."""

    def rows() -> Iterator[Sequence[object]]:
        return (_row(tag, one) for tag, one in assets(kept) if one.get("state") != "disposed")

    def addressed() -> Iterator[Sequence[object]]:
        return (_addressed(tag, one) for tag, one in assets(kept) if networked(one))

    note = "All assets but those disposed of, which have a sheet of their own. Cost as entered; of what is on the books"
    listed = sorted({kind for kind, _ in kinds.found})
    known = "What CIS Controls v8, 1.1 asks for, of what can be on the network. Nobody said: UNKNOWN."
    tables = [
        Table("register", "Register", COLUMNS, rows, f"{note} alone it is on the sheet Value."),
        Table(
            "addresses", "On the network", ADDRESSED, addressed, known, "Nothing of the register can be on the network."
        ),
        _kinds(kinds, listed),
    ]
    total = kinds.total()
    chart = Chart("bar", "Assets by kind", _alt(kinds, listed), "kinds", "Kind", ("On the books", "In use"))
    empty = not total and not kinds.beside
    return Chapter(
        tables,
        tiles=[Tile("Assets on the books", None if empty else total)],
        actions=[_broken(kinds.broken)] if kinds.broken else [],
        charts=[chart] if listed else [],
        gaps=["Assets: the register is empty (ops asset import takes a CSV file in)."] if empty else [],
        definitions=list(_definitions()),
        sources=[Source("Register", True if inputs.head else None, inputs.as_of, 0.0,
                        reason=f"up to event {inputs.head}")],
    )  # fmt: skip


def _broken(tags: Sequence[str]) -> Action:
    said = f"Broken, on the shelf: {many(len(tags), 'asset')}, {few(tags)}. Send to repair, or retire."
    return Action("BROKEN", "on the shelf", said, "low")


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


def _row(tag: str, one: Fields) -> Sequence[object]:
    thing = (tag, one.get("kind"), model(one, ""), one.get("serial"), state(one), one.get("condition"))
    where = (one.get("site"), one.get("location"), one.get("department"))
    return *thing, *where, holder(one.get("holder", "")), cost(one)


def _addressed(tag: str, one: Fields) -> Sequence[object]:
    host, full = one.get("hostname", ""), one.get("fqdn", "")
    name = full if full.partition(".")[0].casefold() == host.casefold() else " ".join(filter(None, (host, full)))
    more = ("owner", "department", "approved", "criticality", "data_class", "backup_required")
    named = (one.get("kind", ""), name or host, one.get("address", ""), one.get("macs", ""))
    return tag, *named, *map(one.get, more)


def _kinds(kinds: Kinds, listed: Sequence[str]) -> Table:
    columns = (
        Column("Kind", width=24),
        *(Column(title, "integer", 14, total=True) for title in GROUPS),
        Column("On the books", "integer", 15, total=True),
    )
    rows = []
    for kind in listed:
        groups = [kinds.found[kind, title] for title in GROUPS]
        rows.append((kind, *groups, sum(groups)))
    note = "In use: deployed or on loan. Ready: received or in stock, and not broken. Away: in repair or missing."
    note += " Going out: retired or sanitised."
    return Table("kinds", "Kinds", columns, rows, note, "Nothing is on the books.")


def _alt(kinds: Kinds, listed: Sequence[str]) -> str:
    each = (
        f"{kind} {sum(kinds.found[kind, title] for title in GROUPS)}, {kinds.found[kind, 'In use']} of them in use"
        for kind in listed
    )
    return f"On the books by kind: {'; '.join(each)}."
