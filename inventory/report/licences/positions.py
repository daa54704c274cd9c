"""Where one stands with each product, and every line that led there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from inventory.licence.census import Census, Estate
from inventory.licence.demand import RULES, Line
from inventory.licence.grade import ENOUGH, RECENT, coverage
from inventory.licence.position import VERDICTS, Position, derivation
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.licences.units import amount, name
from inventory.report.parts import Chart, Column, Light, Table, Tile
from inventory.report.things import few, largest

CHARTED = 20  # products in the chart
FAILING = ("PROHIBITED", "SHORT", "EXPIRED-IN-USE", "UNPROVEN")
COLUMNS = (
    *(Column("Product", "id", 26), Column("Name", width=30), Column("Metric", width=13), Column("Scope", width=12)),
    *(Column(title, "integer", 11) for title in ("Owned", "Effective", "Unproven", "Required", "Allocated")),
    *(Column(title, "integer", 11) for title in ("Position", "Shortfall", "Shelfware", "Unresolved")),
    *(Column("Status", "verdict", 18, meaning=VERDICTS), Column("Grade", width=9)),
    Column("Exposure", "money", 16, total=True),
)
LINES = (
    *(Column("Product", "id", 26), Column("Metric", width=13), Column("Scope", width=12), Column("Side", width=12)),
    *(Column("Line", "id", 30), Column("Counts", width=9), Column("Units", "integer", 10), Column("Rule", "id", 15)),
    *(Column("What the rule says", width=54), Column("Because", width=44)),
)


def chapter(inputs: Inputs, estate: Estate, census: Census, found: Sequence[Position]) -> Chapter:
    """The sheets Position and Derivation."""

    def lines() -> Iterator[Sequence[object]]:
        for one in found:
            for line in sorted(derivation(estate, census, one), key=_order):
                counts = "yes" if line.counted else "no"
                key = one.key.product, one.key.metric, one.key.scope
                yield *key, line.side, line.subject, counts, line.units, line.rule, RULES[line.rule], line.because

    failing = [one for one in found if one.verdict == "FAIL"]
    note = f"NOT_EVALUATED: fewer than {ENOUGH} % of the computers were inventoried within {RECENT} days, or placed."
    return Chapter(
        [
            Table("position", "Position", COLUMNS, [_row(estate, one) for one in found], note),
            Table("compared", "Owned and needed", CHART, list(_compared(found))),
            Table("derivation", "Derivation", LINES, lines, "Every line that counts and every line that does not."),
        ],
        tiles=_tiles(found, failing),
        lights=[_position(inputs, found, failing), _coverage(inputs, estate)],
        actions=[_action(estate, one) for one in failing],
        decisions=[f"Buy, prove or remove: {name(estate, one.key.product)}." for one in failing[:3]],
        gaps=_gaps(inputs, estate),
        charts=[_chart(found)] if any(one.required is not None for one in found) else [],
        definitions=list(_definitions()),
        sources=[_inventories(estate)],
    )


CHART = (Column("Product", "id", 30), Column("Effective", "integer"), Column("Required", "integer"))


def _order(line: Line) -> tuple[object, ...]:
    """Entitlements first, then what counts; the order in which rows were read decides nothing."""
    return line.side == "demand", not line.counted, line.subject, line.rule, line.rank, line.units, line.because


def _row(estate: Estate, one: Position) -> Sequence[object]:
    numbers = (one.owned, one.effective, one.unproven, one.required, one.allocated)
    more = (one.position, one.shortfall, one.shelfware, one.unresolved)
    exposure = amount(one.exposure, one.currency) if one.shortfall else None
    key = (one.key.product, name(estate, one.key.product), one.key.metric, one.key.scope)
    return *key, *numbers, *more, one.status, one.grade.worst, exposure


def _compared(found: Sequence[Position]) -> Iterator[Sequence[object]]:
    worst = sorted(found, key=lambda one: (one.position if one.position is not None else 10**9, one.key.product))
    for one in worst[:CHARTED]:
        words = (one.key.product, one.key.metric, one.key.scope)
        yield words[0] if words[2] == "org" else f"{words[0]} {words[2]}", one.effective, one.required


def _chart(found: Sequence[Position]) -> Chart:
    short = [f"{one.key.product} lacks {one.shortfall}" for one in found if one.shortfall]
    alt = f"Effective and required units. {'; '.join(short[:5]) or 'No product lacks any'}."
    return Chart(
        "column", "Owned and needed, the shortest first", alt, "compared", "Product", ("Effective", "Required")
    )


def _tiles(found: Sequence[Position], failing: Sequence[Position]) -> list[Tile]:
    sums: dict[str, Decimal] = {}
    for one in found:
        if one.shortfall and (money := amount(one.exposure, one.currency)):
            sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    judged = [one for one in found if one.verdict != "UNKNOWN"]
    priced = largest(sums)
    word = "FAIL" if failing else "PASS" if judged and len(judged) == len(found) else "UNKNOWN"
    return [
        Tile("Positions", len(found)),
        Tile("Positions that fail", len(failing) if judged else None, verdict=word),
        Tile("Exposure at list price", priced, "money"),
        Tile("Units without proof", sum(one.unproven for one in found)),
    ]


def _position(inputs: Inputs, found: Sequence[Position], failing: Sequence[Position]) -> Light:
    what, who = "Licence position", inputs.responsible
    unknown = [one for one in found if one.verdict == "UNKNOWN"]
    if failing:
        said = f"Of {len(found)} positions fail: {few(one.key.product for one in failing)}."
        return light(what, "FAIL", said, who)
    if unknown or not found:
        said = f"{len(unknown)} of {len(found)} are not evaluated: too little was inventoried."
        return light(what, "UNKNOWN", said if found else "There is no licence and no installation to count.", who)
    return light(what, min((one.verdict for one in found), key=["FAIL", "UNKNOWN", "WARN", "PASS"].index),
                 f"None of {len(found)} is short.", who)  # fmt: skip


def _coverage(inputs: Inputs, estate: Estate) -> Light:
    seen = coverage(estate.devices.values(), estate.as_of)
    said = f"{seen.inventoried} of {seen.in_scope} computers were inventoried within {RECENT} days."
    return light("Inventories", "PASS" if seen.enough else "UNKNOWN", said, inputs.responsible)


def _gaps(inputs: Inputs, estate: Estate) -> list[str]:
    if inputs.past:
        return ["Installations are kept only as they are today, and not for an earlier day."]
    seen = coverage(estate.devices.values(), estate.as_of)
    missing = seen.in_scope - seen.inventoried
    return [f"What is installed on {missing} of {seen.in_scope} computers (ops estate discover)."] if missing else []


def _action(estate: Estate, one: Position) -> Action:
    lacks = f"{one.shortfall} of {one.required} units are not covered" if one.shortfall else "it may not be installed"
    said = f"{name(estate, one.key.product)} ({one.key.metric}, {one.key.scope}): {one.status}, {lacks}."
    subject = f"{one.key.product} {one.key.metric} {one.key.scope}"
    money = amount(one.exposure, one.currency) if one.shortfall else None
    return Action("LICENCE", subject, said, "high", money)


def _inventories(estate: Estate) -> Source:
    seen = coverage(estate.devices.values(), estate.as_of)
    share = seen.share / 100 if seen.in_scope else None
    ok = None if not seen.inventoried else seen.enough
    age = seen.age * 24.0 if seen.age is not None else None
    return Source(
        "Collected inventories", ok, None, age, share, reason="age that 95 % do not pass; ops estate discover"
    )


def _definitions() -> Iterator[Definition]:
    yield Definition("Effective", "Units that may be used today.", "quantity x pack, active, in force and with proof",
                     "Entitlements")  # fmt: skip
    yield Definition("Required", "Units that are needed today.", "the counted lines of Derivation",
                     "Derivation")  # fmt: skip
    yield Definition("Position", "What is left, or missing if below zero.", "effective - required", "Position")
    yield Definition("Shortfall", "Units needed that no line covers, releases considered.",
                     "required units that no entitlement's releases reach", "Position")  # fmt: skip
    yield Definition("Shelfware", "Effective units that nobody holds.", "effective - open allocations", "Position")
    yield Definition("Exposure", "What the shortfall costs at list price, in whole packs.",
                     "packs for the shortfall x list price", "ops licence price")  # fmt: skip
    yield Definition("Grade A to D", "How far a position can be trusted.",
                     "the worst of coverage, recognition, proof and freshness", "Position")  # fmt: skip
