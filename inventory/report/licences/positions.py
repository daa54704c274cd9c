"""Where one stands with each product, and every line that led there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from inventory.licence.census import Census, Estate
from inventory.licence.cover import standing
from inventory.licence.demand import RULES, Line
from inventory.licence.grade import ENOUGH, RECENT, Coverage, coverage
from inventory.licence.model import Entitlement, site_of
from inventory.licence.position import VERDICTS, Position, derivation
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.licences.units import amount, counted_by, name
from inventory.report.parts import Chart, Column, Light, Table, Tile
from inventory.report.things import few, holder, largest, many

CHARTED = 20  # products in the chart
FAILING = ("PROHIBITED", "SHORT", "EXPIRED-IN-USE", "UNPROVEN")
COLUMNS = (
    *(Column("Product", "id", 26), Column("Counted by", width=16)),
    *(Column(title, "integer", 10) for title in ("Owned", "Effective", "Without proof", "Required", "Given out")),
    *(Column(title, "integer", 10) for title in ("Position", "Shortfall")),
    *(
        Column(
            "Status", "verdict", 18, meaning={word.replace("_", " "): verdict for word, verdict in VERDICTS.items()}
        ),
    ),
    *(Column("Grade, and why", "note", 24), Column("Exposure", "money", 14, total=True)),
)
LINES = (
    *(Column("Product", "id", 22), Column("Counted by", width=15), Column("Side", width=12)),
    *(Column("Line", "id", 24), Column("Counts", width=9), Column("Units", "integer", 9)),
    *(Column("Rule", "note", 40), Column("Because", "note", 36)),
)
GRADES = "Grade: how far a position can be trusted, A to D, D least: the worst of coverage (computers inventoried), "
GRADES += "recognition (software known), proof (licences with one) and freshness (age of inventories)."


def chapter(inputs: Inputs, estate: Estate, census: Census, found: Sequence[Position]) -> Chapter:
    """The sheets Position, Owned and needed, and Derivation."""
    bought = {line.id: line for line in estate.entitlements}

    def lines() -> Iterator[Sequence[object]]:
        for one in found:
            key = name(estate, one.key.product), counted_by(one.key.metric, one.key.scope)
            for line in sorted(derivation(estate, census, one), key=_order):
                counts, rule = "yes" if line.counted else "no", f"{line.rule}: {RULES[line.rule]}"
                yield *key, line.side, _about(estate, line), counts, line.units, rule, _because(bought, line)

    failing = [one for one in found if one.verdict == "FAIL"]
    lacking = [one for one in failing if one.status != "PROHIBITED"]  # what is prohibited has a sheet of its own
    drawn = [one for one in found if one.verdict != "UNKNOWN"]
    left = len(found) - len(drawn)
    rest = f"{many(left, 'position')} not evaluated: not drawn, as what they need is not known." if left else ""
    note = f"NOT EVALUATED: fewer than {ENOUGH} % of the computers were inventoried within {RECENT} days, or placed;"
    note += " what is required is what was seen so far."
    return Chapter(
        [
            Table("position", "Position", COLUMNS, [_row(estate, one) for one in found], f"{note}\n{GRADES}"),
            Table("compared", "Owned and needed", CHART, list(_compared(estate, drawn)), rest),
            Table("derivation", "Derivation", LINES, lines, "Every line that counts and every line that does not."),
        ],
        tiles=_tiles(estate, found, failing),
        lights=[_position(inputs, estate, found, failing), _coverage(inputs, estate)],
        actions=[_action(estate, one) for one in lacking],
        decisions=[f"Buy, prove or remove: {one}." for one in _names(estate, lacking)[:3]],
        gaps=[*_gaps(inputs, estate), *([f"Owned and needed: {rest}"] if left else [])],
        charts=[_chart(estate, drawn)] if drawn else [],
        definitions=list(_definitions()),
        sources=[_inventories(estate)],
    )


def _names(estate: Estate, some: Sequence[Position]) -> list[str]:
    return list(dict.fromkeys(name(estate, one.key.product) for one in some))


CHART = (Column("Product", "id", 30), Column("Effective", "integer"), Column("Required", "integer"))


def _order(line: Line) -> tuple[object, ...]:
    """Entitlements first, then what counts; the order in which rows were read decides nothing."""
    return line.side == "demand", not line.counted, line.subject, line.rule, line.rank, line.units, line.because


def _about(estate: Estate, line: Line) -> str:
    """What a line is about: a person, an asset, a site, a licence or a product, by its name."""
    return name(estate, line.subject) if line.subject in estate.products else holder(line.subject)


def _because(bought: Mapping[str, Entitlement], line: Line) -> str:
    """Its reason; of what was bought, the packs and the term."""
    one = bought.get(line.subject) if line.side == "entitlement" else None
    if one is None:
        return line.because
    packs = f"{many(one.qty, 'pack')} of {one.pack_size}" if one.pack_size > 1 else "bought one by one"
    until = f"until {one.ends}" if one.ends else "with no end"
    return f"{packs}, from {one.starts} {until}"


def _row(estate: Estate, one: Position) -> Sequence[object]:
    left = (one.position, one.shortfall) if one.verdict != "UNKNOWN" else (None, None)
    numbers = (one.owned, one.effective, one.unproven, one.required, one.allocated, *left)
    exposure = amount(one.exposure, one.currency) if one.shortfall else None
    key = name(estate, one.key.product), counted_by(one.key.metric, one.key.scope)
    return *key, *numbers, one.status.replace("_", " "), _grade(one), exposure


def _grade(one: Position) -> str:
    """The grade, what made it so, and how much of what was seen could not be placed."""
    worst = one.grade.worst
    why = [mark for mark, grade in vars(one.grade).items() if grade == worst] if worst > "A" else []
    unplaced = [f"{one.unresolved:,} not placed"] if one.unresolved else []
    return f"{worst}: {', '.join((*why, *unplaced))}" if why or unplaced else worst


def _compared(estate: Estate, drawn: Sequence[Position]) -> Iterator[Sequence[object]]:
    worst = sorted(drawn, key=lambda one: (one.position if one.position is not None else 10**9, one.key.product))
    for one in worst[:CHARTED]:
        site = site_of(one.key.scope)
        yield f"{name(estate, one.key.product)}{f' {site}' if site else ''}", one.effective, one.required


def _chart(estate: Estate, drawn: Sequence[Position]) -> Chart:
    short = [f"{name(estate, one.key.product)} lacks {one.shortfall}" for one in drawn if one.shortfall]
    alt = f"Effective and required units. {'; '.join(short[:5]) or 'No product lacks any'}."
    return Chart(
        "column", "Owned and needed, the shortest first", alt, "compared", "Product", ("Effective", "Required")
    )


def _tiles(estate: Estate, found: Sequence[Position], failing: Sequence[Position]) -> list[Tile]:
    sums: dict[str, Decimal] = {}
    for one in found:
        if one.shortfall and (money := amount(one.exposure, one.currency)):
            sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    judged = [one for one in found if one.verdict != "UNKNOWN"]
    priced = largest(sums)
    word = "FAIL" if failing else "PASS" if judged and len(judged) == len(found) else "UNKNOWN"
    return [
        Tile("Positions", len(found) if found else None),
        Tile("Positions that fail", len(failing) if judged else None, verdict=word),
        Tile("Exposure at list price", priced, "money"),
        Tile("Licences without proof", _unproven(estate) if estate.entitlements else None),
    ]


def _unproven(estate: Estate) -> int:
    return sum(standing(one, estate.as_of) == "unproven" for one in estate.entitlements)


def _position(inputs: Inputs, estate: Estate, found: Sequence[Position], failing: Sequence[Position]) -> Light:
    what, who = "Licence position", inputs.responsible
    unknown = [one for one in found if one.verdict == "UNKNOWN"]
    if failing:
        said = f"Failing, {len(failing)} of {many(len(found), 'position')}: {few(_names(estate, failing))}."
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
    status = one.status.replace("_", " ")
    lacks = f"{one.shortfall} of {one.required} units are not covered"
    said = f"{name(estate, one.key.product)}, by {counted_by(one.key.metric, one.key.scope)}: {status}, {lacks}."
    subject = f"{one.key.product} {one.key.metric} {one.key.scope}"
    money = amount(one.exposure, one.currency) if one.shortfall else None
    return Action("LICENCE", subject, said, "high", money)


def _age(seen: Coverage) -> str:
    said = f"{seen.inventoried:,} of {many(seen.in_scope, 'computer')} within {RECENT} days"
    if seen.age is None:
        return said
    return f"{said}; 95 % of these " + (f"at most {many(seen.age, 'day')} ago" if seen.age else "today")


def _inventories(estate: Estate) -> Source:
    seen = coverage(estate.devices.values(), estate.as_of)
    share = seen.share / 100 if seen.in_scope else None
    ok = None if not seen.inventoried else seen.enough
    age = seen.age * 24.0 if seen.age is not None else None
    return Source("Collected inventories", ok, None, age, share, reason=_age(seen))


def _definitions() -> Iterator[Definition]:
    yield Definition("Effective", "Units that may be used today.", "quantity x pack, active, in force and with proof",
                     "Entitlements")  # fmt: skip
    yield Definition("Required", "Units that are needed today.", "the counted lines of Derivation",
                     "Derivation")  # fmt: skip
    yield Definition("Position", "What is left, or missing if below zero.", "effective - required", "Position")
    yield Definition("Shortfall", "Units needed that no line covers, releases considered.",
                     "required units that no entitlement's releases reach", "Position")  # fmt: skip
    yield Definition("Given to nobody", "Effective units that nobody holds.", "effective - open allocations",
                     "Entitlements, Renewals calendar")  # fmt: skip
    yield Definition("Exposure", "What the shortfall costs at list price, in whole packs.",
                     "packs for the shortfall x list price", "ops licence price")  # fmt: skip
    yield Definition("Grade A to D", "How far a position can be trusted.",
                     "the worst of coverage, recognition, proof and freshness", "Position")  # fmt: skip
