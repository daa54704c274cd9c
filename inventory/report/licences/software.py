"""Software that must not be there, software no rule knows, and what all the counting rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inventory.licence.census import Census, Estate
from inventory.licence.grade import ENOUGH, RECENT
from inventory.licence.position import NOTICE, Position
from inventory.licence.reclaim import IDLE, TRIAL
from inventory.report.appendix import Definition
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.licences.units import name
from inventory.report.parts import Column, Light, Table, Tile
from inventory.report.things import few, holder

UNKNOWN = "What no rule knows is listed, never dropped."
COLUMNS = (
    *(Column("What", "verdict", 16, meaning={"PROHIBITED": "FAIL", "UNRECOGNISED": "UNKNOWN"}),),
    *(Column("Publisher", width=34), Column("Name", width=50), Column("Version", "id", 22)),
    Column("Installations", "integer", 15, total=True),
)


def chapter(inputs: Inputs, estate: Estate, census: Census, found: Sequence[Position]) -> Chapter:
    """The sheets Prohibited & unrecognised and Assumptions."""
    banned = [one for one in found if one.status == "PROHIBITED"]
    unknown = census.unknown_names()

    def rows() -> Iterator[Sequence[object]]:
        for one in banned:
            product = estate.products[one.key.product]
            installed = sum(census.of(product.id).rows.values())
            yield "PROHIBITED", product.publisher, name(estate, product.id), "", installed
        for publisher, title, version, count in unknown:
            yield "UNRECOGNISED", publisher, title, version, count

    columns = (Column("Assumption", width=44), Column("Value", width=34), Column("Where from", "note", 60))
    return Chapter(
        [
            Table("software", "Prohibited & unrecognised", COLUMNS, rows, UNKNOWN),
            Table("assumptions", "Assumptions", columns, list(_assumptions(estate, census))),
        ],
        tiles=[Tile("Software no rule knows", len(unknown) if census.rows else None)],
        lights=[_light(inputs, estate, census, banned, len(unknown))],
        actions=[
            Action("BANNED", one.key.product, f"Remove {name(estate, one.key.product)}: it is prohibited.", "high")
            for one in banned
        ],
        definitions=[
            Definition("Unrecognised", "Installed software that no rule of recognition knows.",
                       "rows of collected inventories without a product", "ops licence unrecognised"),
        ],
    )  # fmt: skip


def _light(inputs: Inputs, estate: Estate, census: Census, banned: Sequence[Position], unknown: int) -> Light:
    what, who = "Installed software", inputs.responsible
    if not census.rows:
        return light(what, "UNKNOWN", "No inventory of installed software was taken in.", who)
    if banned:
        said = (
            f"{len(banned)} prohibited products are installed: {few(name(estate, one.key.product) for one in banned)}."
        )
        return light(what, "FAIL", said, who)
    rows = sum(census.unrecognised.values())
    said = f"{unknown} names, {rows} of {census.rows} installations, are not recognised."
    return light(what, "WARN" if unknown else "PASS", said if unknown else "All of it is recognised.", who)


def _assumptions(estate: Estate, census: Census) -> Iterator[Sequence[object]]:
    active = [one for one in estate.exemptions if estate.as_of < one.expires]
    unpriced = len({line.product for line in estate.entitlements} - set(estate.prices))
    dropped = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in sorted(census.dropped.items()))
    yield (
        "A position is evaluated from this coverage on",
        f"{ENOUGH} % within {RECENT} days",
        "computers in use or could be",
    )
    yield "A seat is unused after", f"{IDLE} days; never used after {TRIAL}", "where the use can be seen at all"
    yield "A term is expiring from", f"{NOTICE} days before its notice day", "notice day = end - days of notice"
    yield (
        "Virtual machines and cores",
        "minimums of the vendor, in whole packs",
        "what the licence says, or its product",
    )
    yield "A component beside its suite", "counts as the suite", "recognition rules"
    yield "Installations that need no licence", dropped or "none", "free, open source, system and component products"
    yield (
        "Exemptions in force",
        str(len(active)),
        "; ".join(f"{holder(one.holder)}: {one.why}, until {one.expires}" for one in active[:20]),
    )
    yield "Products bought without a list price", str(unpriced), "their exposure is not known, and not zero"
    for product, one in sorted(estate.declared.items()):
        yield f"Declared count of {name(estate, product)}", str(one.qty), f"{one.source}, {one.as_of}"
