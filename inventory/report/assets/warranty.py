"""Warranties and ends of life: the next twelve months, and what is in use without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from inventory.register.fields import Fields
from inventory.register.states import USABLE
from inventory.report.appendix import Definition
from inventory.report.assets.movements import MONTHS
from inventory.report.chapter import MOST, Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Chart, Column, Table, Tile
from inventory.report.things import Asset, Kept, assets, day, few, many, state, what

SOON = 90  # days
VITAL = ("1", "2")  # criticality
VITALS, FIRST = "Servers, network", 20
GROUPS = {
    "Computers": ("laptop", "desktop", "tablet"),
    VITALS: ("server", "switch", "router", "access-point", "firewall"),
}
NONE = "No warranty or life that is entered has ended or ends within twelve months."
ENOUGH = 95  # per cent of assets in use whose warranty is known; with less, the rest is a guess


@dataclass
class Warranties:
    """What the pass over all assets found of warranties, of what is in use or could be."""

    today: date
    ending: Counter[tuple[str, str]] = field(default_factory=Counter)  # month, group
    of_life: Counter[str] = field(default_factory=Counter)  # month
    asked: int = 0
    known: int = 0
    soon: int = 0
    ended: int = 0
    uncovered: int = 0
    unsaid: int = 0  # ended, and nobody said how critical they are
    first: list[tuple[bool, str, str]] = field(default_factory=list)  # of these: servers first, then the longest ago
    vital: list[Asset] = field(default_factory=list)  # of those uncovered as many as can be actions

    def take(self, tag: str, one: Fields) -> None:
        """Look at one asset."""
        if one.get("state") not in USABLE or one.get("kind") == "vm":
            return
        self.asked += 1
        if one.get("eol_on"):
            self.of_life[one["eol_on"][:7]] += 1
        ends = day(one, "warranty_until")
        if ends is None:
            return
        self.known += 1
        self.ending[f"{ends:%Y-%m}", group(one)] += 1
        self.soon += 0 <= (ends - self.today).days <= SOON
        if ends >= self.today:
            return
        self.ended += 1
        if not one.get("criticality"):
            self.unsaid += 1
            self.first = sorted([*self.first, (group(one) != VITALS, one["warranty_until"], tag)])[:FIRST]
        if one.get("criticality") in VITAL:
            self.uncovered += 1
            self.vital += [(tag, one)] if self.uncovered <= MOST else []


def group(one: Fields) -> str:
    """Which column of the calendar it belongs to."""
    return next((title for title, kinds in GROUPS.items() if one.get("kind") in kinds), "Other")


def months_ahead(today: date) -> list[str]:
    """The coming months, this one first."""
    start = today.year * 12 + today.month - 1
    return [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(start, start + MONTHS)]


def chapter(inputs: Inputs, kept: Kept, found: Warranties) -> Chapter:
    """The sheets Warranty calendar and Warranty list."""
    ahead = months_ahead(inputs.today)
    totals = {month: sum(found.ending[month, one] for one in (*GROUPS, "Other")) for month in ahead}
    alt = f"{sum(totals.values())} warranties end within twelve months, most in {max(totals, key=totals.__getitem__)}."
    chart = Chart("column", "Warranties ending by month", alt, "warranty_months", "Month", ("Warranties",))
    return Chapter(
        [_calendar(found, ahead), _list(inputs, kept)],
        tiles=[Tile("Out of warranty", found.ended if found.known else None, verdict=_verdict(found))],
        lights=[light("Warranty", _verdict(found), _said(found), inputs.responsible)],
        actions=[*(_action(tag, one) for tag, one in found.vital), *_unsaid(found)],
        decisions=_decisions(found),
        charts=[chart] if sum(totals.values()) else [],
        gaps=[_gap(found)] if found.known < found.asked else [],
        definitions=[
            Definition(
                "Warranty",
                f"Judged for what is in use, on the shelf or in repair; UNKNOWN if fewer than {ENOUGH} % have a day.",
                "FAIL: an asset of criticality 1 or 2 is out of warranty. WARN: one of no known criticality is, or one "
                f"ends within {SOON} days.",
                "end of warranty, end of life, criticality",
            )
        ],
    )


def _verdict(found: Warranties) -> str:
    if found.vital:
        return "FAIL"
    if not found.asked or 100 * found.known < ENOUGH * found.asked:
        return "UNKNOWN"
    return "WARN" if found.unsaid or found.soon else "PASS"


def _said(found: Warranties) -> str:
    if not found.asked:
        return "There is nothing that could have a warranty."
    if found.vital:
        first = few(tag for tag, _ in found.vital[:3])
        return f"Out of warranty at criticality 1 or 2: {found.uncovered:,}, such as {first}."
    if not found.known:
        return f"Of {many(found.asked, 'asset')} no end of warranty is entered."
    said = f"Ended: {found.ended:,}; ends within {SOON} days: {found.soon:,}"
    unknown = found.asked - found.known
    return f"{said}; not known: {unknown:,} of {found.asked:,}." if unknown else f"{said}."


def _gap(found: Warranties) -> str:
    rest = found.asked - found.known
    return f"Warranty of {rest:,} of {many(found.asked, 'asset')} in use, on the shelf or in repair: no day is entered."


def _decisions(found: Warranties) -> list[str]:
    if found.vital:
        return [f"Extend the warranty of, or replace, what is vital: {few(tag for tag, _ in found.vital)}."]
    servers = [tag for other, _, tag in found.first if not other]
    return [f"Say how critical they are, and extend or replace: {few(servers)}, out of warranty."] if servers else []


def _unsaid(found: Warranties) -> Iterator[Action]:
    """One for all: servers and network first, then the longest without."""
    if found.unsaid:
        more = f" and {found.unsaid - 3} more" if found.unsaid > 3 else ""
        listed = ", ".join(tag for _, _, tag in found.first[:3]) + more
        said = f"Out of warranty, and nobody said how critical: {listed}. Extend, replace, or accept it: "
        said += "ops asset correct TAG --criticality 3; the sheet Warranty & EOL lists them."
        yield Action("WARRANTY", "criticality not said", said, "medium")


def _action(tag: str, one: Fields) -> Action:
    said = f"{tag}, {what(one)}, criticality {one['criticality']}, is out of warranty since {one['warranty_until']}."
    return Action("WARRANTY", tag, said, "medium", None, one.get("owner", ""))


def _calendar(found: Warranties, ahead: Sequence[str]) -> Table:
    columns = (
        Column("Month", "id", 12),
        *(Column(title, "integer", 18, total=True, bar=True) for title in (*GROUPS, "Other")),
        Column("Warranties", "integer", 16, total=True),
        Column("End of life", "integer", 16, total=True),
    )
    rows = []
    for month in ahead:
        ends = [found.ending[month, title] for title in (*GROUPS, "Other")]
        rows.append((month, *ends, sum(ends), found.of_life[month]))
    past = sum(count for (month, _), count in found.ending.items() if month < ahead[0])
    note = (
        f"Of {many(found.asked, 'asset')} in use, on the shelf or in repair, {past:,} ended before {ahead[0]} and "
        f"{found.asked - found.known:,} have no day of warranty."
    )
    told = found.known or found.of_life  # else twelve months of nought would say that nothing ends
    return Table("warranty_months", "Warranty calendar", columns, rows if told else [], note, _said(found))


def _list(inputs: Inputs, kept: Kept) -> Table:
    columns = (
        *(Column("Tag", "id", 14), Column("What", width=36), Column("State", width=12)),
        *(Column("Criticality", "id", 14), Column("Warranty until", "due", 18), Column("Told by", width=20)),
        *(Column("End of life", "due", 18), Column("Owner", width=20)),
    )
    last = inputs.today.replace(day=1).replace(year=inputs.today.year + 1)

    def rows() -> Iterator[Sequence[object]]:
        for tag, one in assets(kept):
            ends, old = day(one, "warranty_until"), day(one, "eol_on")
            if one.get("state") in USABLE and one.get("kind") != "vm" and min(ends or last, old or last) < last:
                words = (state(one), one.get("criticality", ""), ends, one.get("warranty_source", ""))
                yield tag, what(one), *words, old, one.get("owner", "")

    note = "What is in use, on the shelf or in repair, and whose warranty or life ended or ends within twelve months."
    return Table("warranty", "Warranty & EOL", columns, rows, note, NONE)
