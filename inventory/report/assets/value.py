"""What the assets cost, what was written off, and what is left, by department and year of purchase, and one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from inventory.register.fields import Fields
from inventory.report.appendix import Definition
from inventory.report.chapter import Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.money import Money
from inventory.report.parts import Column, Table, Tile
from inventory.report.things import OWNED, Kept, add, assets, cost, day, largest, many, sums_of, what, worth

ENOUGH = 95  # per cent of assets on the books with cost, purchase and life
NONE = "Nothing is on the books."
NOBODY = "(no department)"
NEEDED = {"cost": "a cost", "purchased": "a day of purchase", "life_months": "months of life"}
CELLS = (
    *(Column("Department", width=26), Column("Bought in", "id", 12), Column("Assets", "integer", 11, total=True)),
    *(Column("Valued", "integer", 11, total=True), Column("Cost", "money", 19, total=True)),
    *(Column("Depreciation", "money", 19, total=True), Column("Net book value", "money", 19, total=True)),
    Column("Cost not valued", "money", 19, total=True),
)
EACH = (
    *(Column("Tag", "id", 14), Column("What", width=34), Column("Department", width=18), Column("Owner", width=18)),
    *(Column("Purchased", "date", 14), Column("Months of life", "integer", 12)),
    *(Column("Cost", "money", 17, total=True), Column("Net book value", "money", 17, total=True)),
    Column("Warranty until", "date", 14),
)


@dataclass
class Cell:
    """One department, year and currency; ``valued`` of ``assets`` have all that is needed."""

    assets: int = 0
    valued: int = 0
    cost: Money | None = None
    left: Money | None = None
    unspread: Money | None = None


@dataclass
class Values:
    """What the pass over all assets found of money. ``missing`` counts by field what keeps assets from a value;
    ``beside`` is what those cost that are in the register and not among these, by currency."""

    today: date
    cells: dict[tuple[str, str, str], Cell] = field(default_factory=lambda: defaultdict(Cell))
    missing: Counter[str] = field(default_factory=Counter)
    beside: dict[str, Decimal] = field(default_factory=dict)

    def take(self, _: str, one: Fields) -> None:
        """Look at one asset."""
        paid = cost(one)
        if not counted(one):
            if paid and one.get("state") != "disposed":
                self.beside[paid.currency] = self.beside.get(paid.currency, Decimal(0)) + paid.amount
            return
        key = one.get("department") or NOBODY, one.get("purchased", "")[:4], one.get("currency", "")
        cell = self.cells[key]
        cell.assets += 1
        for name in NEEDED:
            if not one.get(name):
                self.missing[name] += 1
        left = worth(one, self.today)
        if left is None:
            cell.unspread = add(cell.unspread, paid)
            return
        cell.valued += 1
        cell.cost, cell.left = add(cell.cost, paid), add(cell.left, left)

    @property
    def counts(self) -> tuple[int, int]:
        """Assets valued, and all of them."""
        return sum(one.valued for one in self.cells.values()), sum(one.assets for one in self.cells.values())

    @property
    def left(self) -> dict[str, Decimal]:
        """Book value by currency."""
        return self._sums(lambda cell: [cell.left])

    @property
    def paid(self) -> dict[str, Decimal]:
        """Cost by currency, of assets that are valued and of those that are not."""
        return self._sums(lambda cell: [cell.cost, cell.unspread])

    def _sums(self, of: Callable[[Cell], list[Money | None]]) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = {}
        for one in (money for cell in self.cells.values() for money in of(cell) if money):
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount
        return sums


def counted(one: Fields) -> bool:
    """Whether an asset is on the books with a value of its own; a virtual machine has none."""
    return one.get("state") in OWNED and one.get("kind") != "vm"


def chapter(inputs: Inputs, kept: Kept, found: Values) -> Chapter:
    """The sheets Value and Value by asset."""
    valued, total = found.counts
    enough = bool(total) and 100 * valued >= ENOUGH * total
    currencies = sorted(found.paid)

    def each() -> Iterator[Sequence[object]]:
        return (_asset(inputs, tag, one) for tag, one in assets(kept) if counted(one))

    return Chapter(
        [
            Table("value", "Value", CELLS, list(_rows(found)), _note(found), NONE),
            Table("worth", "Value by asset", EACH, each, "The assets that the sheet Value adds up.", NONE),
        ],
        tiles=[
            Tile("Cost of what is on the books", largest(found.paid), "money"),
            Tile("Net book value", largest(found.left), "money"),
        ],
        lights=[light("Value", "PASS" if enough else "UNKNOWN", _said(found), inputs.responsible)],
        gaps=[
            *([f"Net book value: o{_said(found)[1:]}"] if total and not enough else []),
            *([f"Cost and book value show the largest of {', '.join(currencies)}."] if len(currencies) > 1 else []),
        ],
        definitions=[
            Definition(
                "Net book value",
                "Cost less depreciation of the assets on the books, virtual machines left out.",
                "sum of book values; depreciation = cost - net book value, of the same assets",
                "Value",
            )
        ],
    )


def _said(found: Values) -> str:
    """How many have a value, and what the others lack."""
    valued, total = found.counts
    if not total:
        return "There is nothing to value."
    lacking = ", ".join(f"{NEEDED[name]} {found.missing[name]:,}" for name in NEEDED if found.missing[name])
    return f"Of {many(total, 'asset')} {valued:,} have a value" + (f"; without {lacking}." if lacking else ".")


def _note(found: Values) -> str:
    note = "Valued: cost, day of purchase and months of life are known. Cost not valued: a cost without the rest."
    if not found.beside:
        return note
    return f"{note}\nThe sheet Register adds up to more: {sums_of(found.beside)} of it is of what is not on the books" \
        " (planned, ordered, lost, stolen) or virtual."  # fmt: skip


def _asset(inputs: Inputs, tag: str, one: Fields) -> Sequence[object]:
    life = int(one["life_months"]) if one.get("life_months") else None
    who = (one.get("department", ""), one.get("owner", ""))
    return (
        *(tag, what(one), *who, day(one, "purchased"), life, cost(one), worth(one, inputs.today)),
        day(one, "warranty_until"),
    )


def _rows(found: Values) -> Iterator[Sequence[object]]:
    for (department, year, _), cell in sorted(found.cells.items()):
        spent = Money(cell.cost.amount - cell.left.amount, cell.cost.currency) if cell.cost and cell.left else None
        yield department, year or "unknown", cell.assets, cell.valued, cell.cost, spent, cell.left, cell.unspread
