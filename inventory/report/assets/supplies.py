"""Consumables that run out, and budgets that do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from inventory.register.fields import Fields
from inventory.register.stock import spent, too_few
from inventory.report.appendix import Definition
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.money import Money, money
from inventory.report.parts import Column, Light, Table

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

NO_ITEM = "No item is entered (ops consumable add)."
NO_BUDGET = "No budget is entered (ops budget set)."
NEARLY = Decimal("0.9")  # of a budget
CONSUMABLES = (
    *(Column("Item", "id", 20), Column("Name", width=30), Column("Site", width=16), Column("Fits", width=26)),
    *(Column("On hand", "integer", 12), Column("Reorder at", "integer", 13), Column("Unit cost", "money")),
    *(Column("Worth", "money", total=True), Column("Verdict", "verdict", meaning={"ORDER": "WARN", "ENOUGH": "PASS"})),
)
BUDGETS = (
    *(Column("Budget", "id", 20), Column("Department", width=20), Column("Year", "id", 9), Column("For", width=26)),
    *(Column("Amount", "money", total=True), Column("Spent", "money", total=True), Column("Left", "money", total=True)),
    Column("Used", "percent", places=0, bar=True),
    Column("Verdict", "verdict", meaning={"OVER": "FAIL", "NEARLY": "WARN", "WITHIN": "PASS"}),
)  # fmt: skip


def chapter(inputs: Inputs, seen: Snapshot) -> Chapter:
    """The sheets Consumables and Budget."""
    things = [(ref.partition(":")[2], one) for ref, one in seen.every("consumable")]
    low = [(key, one) for key, one in things if _verdict(one) == "ORDER"]
    budgets = list(_budgets(seen, inputs.today.isoformat()))
    over = [row for row in budgets if row[-1] == "OVER"]
    return Chapter(
        [
            Table("consumables", "Consumables", CONSUMABLES, [_row(*pair) for pair in things], empty=NO_ITEM),
            Table("budget", "Budget", BUDGETS, budgets, empty=NO_BUDGET),
        ],
        lights=_lights(len(things), low, budgets, inputs.responsible),
        actions=[
            *(_order(key, one) for key, one in low),
            *(Action("BUDGET", str(row[0]), f"Budget {row[0]} is overspent.", "medium", _beyond(row)) for row in over),
        ],
        decisions=[f"Raise the budget {row[0]}, or stop spending from it." for row in over[:2]],
        definitions=[
            Definition("Order", "An item of which no more is there than the number at which to reorder.",
                       "on hand <= reorder at", "Consumables"),
            Definition("Budget left", "What may still be spent.", "amount - bookings up to this day", "Budget"),
        ],
    )  # fmt: skip


def _lights(
    items: int, low: Sequence[tuple[str, Fields]], budgets: Sequence[Sequence[object]], who: str
) -> list[Light]:
    if not items and not budgets:
        return []
    over, nearly = (sum(row[-1] == word for row in budgets) for word in ("OVER", "NEARLY"))
    said = f"{len(low)} of {items} items to order; {over} of {len(budgets)} budgets overspent, {nearly} nearly."
    return [light("Consumables and budget", "FAIL" if over else "WARN" if low or nearly else "PASS", said, who)]


def _verdict(one: Fields) -> str:
    if not one.get("reorder_at"):
        return ""
    return "ORDER" if too_few(one) else "ENOUGH"


def _row(key: str, one: Fields) -> Sequence[object]:
    price = money(one.get("unit_cost", ""), one.get("currency", ""))
    hand = int(one.get("on_hand", "0"))
    worth = Money(price.amount * hand, price.currency) if price else None
    reorder = int(one["reorder_at"]) if one.get("reorder_at") else None
    texts = (one.get(name, "") for name in ("name", "site", "fits"))
    return key, *texts, hand, reorder, price, worth, _verdict(one)


def _order(key: str, one: Fields) -> Action:
    said = f"Order {one.get('name', key)}: {one.get('on_hand', '0')} left, reorder at {one['reorder_at']}."
    return Action("ORDER", key, said, "medium")


def _budgets(seen: Snapshot, until: str) -> Iterator[Sequence[object]]:
    paid = spent(one for _, one in seen.every("spend") if one.get("spent_on", "") <= until)
    for ref, one in seen.every("budget"):
        key, amount = ref.partition(":")[2], money(one.get("amount", ""), one.get("currency", ""))
        if amount is None:
            yield key, one.get("department", ""), one.get("year", ""), one.get("what_for", ""), *[None] * 4, ""
            continue
        used = paid.get(key, Decimal(0))
        share = used / amount.amount if amount.amount else None
        word = "OVER" if used > amount.amount else "NEARLY" if share and share >= NEARLY else "WITHIN"
        parts = (amount, Money(used, amount.currency), Money(amount.amount - used, amount.currency))
        yield key, one.get("department", ""), one.get("year", ""), one.get("what_for", ""), *parts, share, word


def _beyond(row: Sequence[object]) -> Money | None:
    left = row[6]
    return Money(-left.amount, left.currency) if isinstance(left, Money) else None
