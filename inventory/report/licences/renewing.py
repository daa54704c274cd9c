"""What falls due: the last days to give notice, the terms that end, and what has to be decided before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory.licence.census import Estate
from inventory.licence.model import Entitlement
from inventory.licence.position import NOTICE
from inventory.licence.renewals import BANDS, Due, calendar
from inventory.report.appendix import Definition
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.licences.units import amount, name
from inventory.report.parts import Column, Light, Table, Tile
from inventory.report.things import few

BANDED = {"30": "FAIL", "60": "WARN", "90": "WARN", "past": "WARN", "later": "PASS"}
RENEWALS = (
    *(Column("Day", "due", 16), Column("What falls due", width=14), Column("Licence", "id", 18)),
    *(Column("Product", "id", 28), Column("Within days", "verdict", 11, meaning=BANDED)),
    *(Column("Next term", "money", 16), Column("Given to nobody", "integer", 11), Column("What it means", "note", 44)),
)
NOTICED, ENDS, RUNS_ON = "notice", "end", "renews"


@dataclass(frozen=True)
class Ahead:
    """One licence whose next term is near. ``kind`` is what can be done: ``NOTICED``, notice can be given until
    ``due.day``; ``ENDS``, the next term has to be ordered; ``RUNS_ON``, it renews by itself, too late for notice."""

    kind: str
    line: Entitlement
    due: Due


def ahead(estate: Estate, due: Sequence[Due]) -> list[Ahead]:
    """One entry for each licence that has something to decide or to pay within ``NOTICE`` days, the nearest first."""
    lines = {line.id: line for line in estate.entitlements}
    found: dict[str, Ahead] = {}
    for one in due:
        line = lines[one.entitlement]
        if one.kind == "maintenance" or (one.day - estate.as_of).days > NOTICE or one.day < estate.as_of:
            continue
        kind = NOTICED if one.kind == "notice" else RUNS_ON if line.auto_renew else ENDS
        if one.entitlement not in found:
            found[one.entitlement] = Ahead(kind, line, one)
    return list(found.values())


def renewing(inputs: Inputs, estate: Estate) -> Chapter:
    """The sheet Renewals calendar."""
    due = calendar(estate.entitlements, estate.allocations, estate.as_of)
    near = ahead(estate, due)
    rows = [
        (one.day, one.kind, one.entitlement, name(estate, one.product), _band(one), amount(one.amount, one.currency),
         one.unassigned, one.what)
        for one in due
    ]  # fmt: skip
    empty = "No term ends and no notice is due within 365 days."
    what = _renewal(inputs, estate, near)
    note = "The next 365 days. A notice day that has passed stays until its term ends. Given to nobody: units of it."
    return Chapter(
        [Table("renewals", "Renewals calendar", RENEWALS, rows, note, empty)],
        tiles=[Tile(f"Renewals in {NOTICE} days", len(near) if estate.entitlements else None, verdict=what.verdict)],
        lights=[what],
        actions=[_action(estate, one) for one in near],
        decisions=[said for one in near if (said := _decision(estate, one))],
        definitions=[
            Definition("Notice day", "The last day to give notice; after it the next term is paid.",
                       "end of the term - days of notice", "Entitlements"),
            Definition(f"Renewals in {NOTICE} days", "Licences of which notice can be given, or whose term ends.",
                       "the nearest of notice day and end, from this day on", "Renewals calendar"),
        ],
    )  # fmt: skip


def _band(one: Due) -> str:
    return "later" if one.band is None else str(one.band) if one.band else "past"


def _renewal(inputs: Inputs, estate: Estate, near: Sequence[Ahead]) -> Light:
    subject, who = "Renewals", inputs.responsible
    if not estate.entitlements:
        return light(subject, "UNKNOWN", "No licence is entered.", who)
    if not near:
        return light(subject, "PASS", f"Nothing renews or ends within {NOTICE} days.", who)
    each = [f"{one.line.id} {one.due.day}" for one in near]
    open_ = [one for one in near if one.kind != RUNS_ON]
    urgent = any((one.due.day - estate.as_of).days <= min(BANDS) for one in open_)
    return light(subject, "FAIL" if urgent else "WARN", f"Within {NOTICE} days: {few(each)}.", who)


def _decision(estate: Estate, one: Ahead) -> str:
    """What somebody has to say by when; nothing where the next term can no longer be stopped."""
    what = f"{one.line.id} ({name(estate, one.line.product)}{_price(one)})"
    if one.kind == NOTICED and one.line.auto_renew:
        return f"Keep {what} for another term, or give notice by {one.due.day}."
    if one.kind == NOTICED:
        return f"Keep {what} or not: the last day for notice is {one.due.day}."
    return f"Order the next term of {what}, or let it end on {one.due.day}." if one.kind == ENDS else ""


def _price(one: Ahead) -> str:
    money = amount(one.due.amount, one.due.currency)
    return f", {money.amount:,} {money.currency}" if money and money.amount else ""


def _action(estate: Estate, one: Ahead) -> Action:
    called = f"{one.line.id}, {name(estate, one.line.product)}"
    said = {
        NOTICED: f"{one.due.day} is the last day to give notice",
        ENDS: f"ends on {one.due.day}: order the next term, or let it end",
        RUNS_ON: f"renews by itself on {one.due.day}, its notice day has passed: plan the cost, and note the next one",
    }[one.kind]
    spare = f" Given to nobody: {one.due.unassigned} of {one.line.units}." if one.due.unassigned else ""
    soon = (one.due.day - estate.as_of).days <= min(BANDS)
    severity = "info" if one.kind == RUNS_ON else "high" if soon else "medium"
    rule = "NOTICE" if one.kind == NOTICED else "RENEWAL"
    money = amount(one.due.amount, one.due.currency)
    return Action(rule, one.line.id, f"{called}: {said}.{spare}", severity, money, due=one.due.day)
