"""What the assets cost, what was written off, and what is left, by department and year of purchase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from inventory.register.fields import Fields
from inventory.report.appendix import Definition
from inventory.report.chapter import Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.money import Money
from inventory.report.parts import Column, Table, Tile
from inventory.report.things import OWNED, add, cost, largest, worth

ENOUGH = 95  # per cent of assets on the books with cost, purchase and life
NOBODY = "(no department)"


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
    """What the pass over all assets found of money."""

    today: date
    cells: dict[tuple[str, str, str], Cell] = field(default_factory=dict)

    def take(self, _: str, one: Fields) -> None:
        """Look at one asset; on the books are those we own."""
        if one.get("state") not in OWNED or one.get("kind") == "vm":
            return
        key = one.get("department") or NOBODY, one.get("purchased", "")[:4], one.get("currency", "")
        cell = self.cells.setdefault(key, Cell())
        cell.assets += 1
        paid, left = cost(one), worth(one, self.today)
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
    def left(self) -> Money | None:
        """Book value of all, in the currency of most of it."""
        sums: dict[str, Money | None] = {}
        for (_, _, currency), cell in self.cells.items():
            if cell.left:
                sums[currency] = add(sums.get(currency), cell.left)
        return largest({currency: one.amount for currency, one in sums.items() if one})


def chapter(inputs: Inputs, found: Values) -> Chapter:
    """The sheet Value."""
    columns = (
        *(Column("Department", width=26), Column("Bought in", "id", 12), Column("Assets", "integer", 11, total=True)),
        *(Column("Valued", "integer", 11, total=True), Column("Cost", "money", 19, total=True)),
        *(Column("Depreciation", "money", 19, total=True), Column("Net book value", "money", 19, total=True)),
        Column("Cost not valued", "money", 19, total=True),
    )
    valued, total = found.counts
    currencies = sorted({key[2] for key, cell in found.cells.items() if key[2] and (cell.left or cell.unspread)})
    note = "Valued: cost, day of purchase and months of life are known. Cost not valued: a cost without the rest."
    who = inputs.responsible
    enough = total and 100 * valued >= ENOUGH * total
    said = f"{valued:,} of {total:,} assets have cost, purchase and life." if total else "There is nothing to value."
    return Chapter(
        [Table("value", "Value", columns, list(_rows(found)), note)],
        tiles=[Tile("Net book value", found.left, "money")],
        lights=[light("Value", "PASS" if enough else "UNKNOWN", said, who)],
        gaps=[
            *(
                []
                if enough
                else [f"Value: {total - valued:,} of {total:,} assets lack cost, purchase or months of life."]
            ),
            *([f"Net book value shows the largest of {', '.join(currencies)}."] if len(currencies) > 1 else []),
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


def _rows(found: Values) -> Iterator[Sequence[object]]:
    for (department, year, _), cell in sorted(found.cells.items()):
        spent = Money(cell.cost.amount - cell.left.amount, cell.cost.currency) if cell.cost and cell.left else None
        yield department, year or "unknown", cell.assets, cell.valued, cell.cost, spent, cell.left, cell.unspread
