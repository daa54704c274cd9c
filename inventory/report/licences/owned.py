"""What was bought and who has a seat of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inventory.licence.census import Estate
from inventory.licence.cover import standing
from inventory.licence.model import Allocation, Entitlement
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.licences.units import amount, holder, name
from inventory.report.parts import Column, Light, Table
from inventory.report.things import few

MEANT = {"effective": "PASS", "unproven": "FAIL", "not-active": "UNKNOWN", "not-started": "UNKNOWN", "ended": "WARN"}
ENTITLEMENTS = (
    *(Column("Licence", "id", 18), Column("Product", "id", 26), Column("Metric", width=13), Column("Scope", width=12)),
    *(Column("Packs", "integer", 9), Column("In a pack", "integer", 11), Column("Units", "integer", 10, total=True)),
    *(Column("Given out", "integer", 12, total=True), Column("Starts", "date"), Column("Ends", "date")),
    *(Column("Maintenance until", "date", 14), Column("Cost of a pack", "money"), Column("Cost", "money", total=True)),
    *(Column("Order", "id", 14), Column("Invoice", "id", 14), Column("Proof SHA-256", "id", 22)),
    Column("Stands", "verdict", 14, meaning=MEANT),
)
SEATS = (
    *(Column("Licence", "id", 18), Column("Product", "id", 26), Column("Holder", width=26)),
    *(Column("Seats", "integer", 9, total=True), Column("From", "date"), Column("Until", "date")),
    *(Column("Open", width=9, choices=("yes", "no")), Column("Why", width=36)),
)


def chapter(inputs: Inputs, estate: Estate) -> Chapter:
    """The sheets Entitlements and Allocations."""
    lines = sorted(estate.entitlements, key=lambda one: one.id)
    products = {one.id: one.product for one in lines}
    unproven = [one for one in lines if standing(one, estate.as_of) == "unproven"]

    def seats() -> Iterator[Sequence[object]]:
        for one in sorted(estate.allocations, key=lambda one: (one.entitlement, one.holder, one.starts)):
            yield _seat(estate, one, products.get(one.entitlement, ""))

    return Chapter(
        [
            Table("entitlements", "Entitlements", ENTITLEMENTS, [_line(estate, one) for one in lines]),
            Table("allocations", "Allocations", SEATS, seats),
        ],
        lights=[_light(inputs, lines, unproven)],
        actions=[_prove(estate, one) for one in unproven],
        gaps=[] if lines else ["What was bought: no licence is entered (ops licence add)."],
        definitions=[
            Definition("Proof", "An order, invoice or contract whose SHA-256 is kept with the licence.",
                       "a licence without proof stands as unproven and does not count", "Entitlements"),
        ],
        sources=[Source("Entitlements", bool(lines) or None, reason=f"{len(lines)} lines")],
    )  # fmt: skip


def _light(inputs: Inputs, lines: Sequence[Entitlement], unproven: Sequence[Entitlement]) -> Light:
    if not lines:
        return light("Proof", "UNKNOWN", "No licence is entered.", inputs.responsible)
    said = f"Of {len(lines)} licences, without proof: {few(one.id for one in unproven)}."
    said = said if unproven else f"All {len(lines)} licences have a proof on file."
    return light("Proof", "FAIL" if unproven else "PASS", said, inputs.responsible)


def _line(estate: Estate, one: Entitlement) -> Sequence[object]:
    held = sum(seat.qty for seat in estate.open_of.get(one.id, ()))
    pack, whole = amount(one.unit_cost, one.currency), amount(one.qty * one.unit_cost, one.currency)
    key = (one.id, one.product, one.metric, one.scope, one.qty, one.pack_size, one.units, held)
    papers = (one.po, one.invoice, one.proof, standing(one, estate.as_of))
    return *key, one.starts, one.ends, one.maintenance_until, pack, whole, *papers


def _seat(estate: Estate, one: Allocation, product: str) -> Sequence[object]:
    open_ = "yes" if one.open_on(estate.as_of) else "no"
    return one.entitlement, product, holder(one.holder), one.qty, one.starts, one.ends, open_, one.why


def _prove(estate: Estate, one: Entitlement) -> Action:
    said = f"{one.id}, {one.units} units of {name(estate, one.product)}, has no proof: find the invoice or contract."
    return Action("PROOF", one.id, said, "medium", amount(one.qty * one.unit_cost, one.currency))
