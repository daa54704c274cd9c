"""What was bought and who has a seat of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inventory.licence.census import Estate
from inventory.licence.cover import standing
from inventory.licence.model import Allocation, Entitlement
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.licences.units import amount, counted_by, name
from inventory.report.parts import Column, Light, Table
from inventory.report.things import few, holder, many

MEANT = {"effective": "PASS", "unproven": "FAIL", "not-active": "UNKNOWN", "not-started": "UNKNOWN", "ended": "WARN"}
ENTITLEMENTS = (
    *(Column("Licence", "id", 15), Column("Product", "id", 24), Column("Counted by", width=14)),
    *(Column("Packs", "integer", 9), Column("Units", "integer", 9), Column("Given out", "integer", 9)),
    *(Column("Given to nobody", "integer", 10), Column("Starts", "date", 12), Column("Ends", "date", 12)),
    *(Column("Cost", "money", 14, total=True), Column("Order and invoice", "note", 16)),
    *(Column("Proof SHA-256", "note", 22), Column("Stands", "verdict", 14, meaning=MEANT)),
)
SEATS = (
    *(Column("Licence", "id", 18), Column("Product", "id", 28), Column("Holder", width=26)),
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
        sources=[Source("Entitlements", bool(lines) or None, reason=many(len(lines), "line"))],
    )  # fmt: skip


def _light(inputs: Inputs, lines: Sequence[Entitlement], unproven: Sequence[Entitlement]) -> Light:
    if not lines:
        return light("Proof", "UNKNOWN", "No licence is entered.", inputs.responsible)
    said = f"{len(unproven)} of {many(len(lines), 'licence')} without proof: {few(one.id for one in unproven)}."
    said = said if unproven else f"All {len(lines)} licences have a proof on file."
    return light("Proof", "FAIL" if unproven else "PASS", said, inputs.responsible)


def _line(estate: Estate, one: Entitlement) -> Sequence[object]:
    held = sum(seat.qty for seat in estate.open_of.get(one.id, ()))
    stands = standing(one, estate.as_of)
    key = (one.id, name(estate, one.product), counted_by(one.metric, one.scope), one.qty, one.units, held)
    spare = max(0, one.units - held) if stands in ("effective", "unproven") else None
    papers = (", ".join(filter(None, (one.po, one.invoice))), one.proof, stands)
    return *key, spare, one.starts, one.ends, amount(one.qty * one.unit_cost, one.currency), *papers


def _seat(estate: Estate, one: Allocation, product: str) -> Sequence[object]:
    open_ = "yes" if one.open_on(estate.as_of) else "no"
    return one.entitlement, name(estate, product), holder(one.holder), one.qty, one.starts, one.ends, open_, one.why


def _prove(estate: Estate, one: Entitlement) -> Action:
    what = f"{one.id}, {many(one.units, 'unit')} of {name(estate, one.product)}"
    said = f"{what}, has no proof: find the invoice or contract."
    return Action("PROOF", one.id, said, "medium", amount(one.qty * one.unit_cost, one.currency))
