"""Who has what, what is overdue, and what leavers still hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from inventory.register.fields import Fields
from inventory.register.states import HELD
from inventory.report.appendix import Definition, Source
from inventory.report.assets.trail import Trail
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Column, Light, Table, Tile
from inventory.report.things import LOST, Asset, Kept, assets, cost, day, few, holder, many, state, what, worth

PERSON = "person:"
YEAR = timedelta(days=365)  # what was lost earlier is history
SOON = 30  # days a return is late until it is more than a nuisance


@dataclass
class Held:
    """What the pass over all assets found of custody."""

    inputs: Inputs
    overdue: list[Asset] = field(default_factory=list)
    leavers: list[Asset] = field(default_factory=list)
    missing: list[Asset] = field(default_factory=list)
    lost: list[Asset] = field(default_factory=list)
    held: int = 0
    assets: int = 0

    def take(self, tag: str, one: Fields) -> None:
        """Look at one asset."""
        self.assets += 1
        if one.get("state") == "missing":
            self.missing.append((tag, one))
        elif one.get("state") in LOST:
            self.lost.append((tag, one))
        if not one.get("holder"):
            return
        self.held += 1
        if late(one, self.inputs.today) > 0:
            self.overdue.append((tag, one))
        if left_on(self.inputs, one["holder"]) is not None:
            self.leavers.append((tag, one))


def late(one: Fields, today: date) -> int:
    """How many days ago it should have come back; negative as long as there is time, 0 without a day."""
    due = day(one, "due")
    return (today - due).days if due and one.get("holder") else 0


def left_on(inputs: Inputs, who: str) -> str | None:
    """The day on which a holder left, empty if it is not known; None for those who are here, and for those to come."""
    if inputs.left is None or not who.startswith(PERSON):
        return None
    found = inputs.left.get(who.removeprefix(PERSON).casefold())
    return found if found is None or found[:10] <= inputs.today.isoformat() else None


def lately(inputs: Inputs, held: Held, trail: Trail) -> list[Asset]:
    """What was lost or stolen within a year and still is; what was given up earlier stays in the register alone."""
    since = (inputs.today - YEAR).isoformat()
    return [(tag, one) for tag, one in held.lost if trail.gone.get(tag, since) > since]


def chapter(inputs: Inputs, kept: Kept, held: Held, trail: Trail, counted: bool) -> Chapter:
    """The sheets Custody and Leavers; ``counted`` is whether a stock-take ever looked for what is missing."""
    lost = lately(inputs, held, trail)
    absent = len(held.missing) + len(lost)
    word = "FAIL" if held.missing else "WARN" if lost else "PASS" if counted else "UNKNOWN"
    return Chapter(
        [_custody(inputs, kept, held), _leavers(inputs, held)],
        tiles=[
            Tile("Overdue returns", len(held.overdue) if held.held else None, verdict=_of_loans(inputs, held)[0]),
            Tile("Held by leavers", len(held.leavers) if inputs.left else None, verdict=_of_leavers(inputs, held)[0]),
            Tile("Missing, lost or stolen", absent if held.assets else None, verdict=word),
        ],
        lights=list(_lights(inputs, held, lost)),
        actions=list(_actions(inputs, held, lost)),
        decisions=_decisions(inputs, held, lost),
        gaps=[] if inputs.left else ["Items of leavers: the leavers' book names nobody (ops user offboard writes it)."],
        definitions=[
            Definition(
                "Overdue return",
                "A loan that should have come back.",
                "days from its due day to the day of this report, more than 0",
                "Custody",
            ),
            Definition(
                "Held by leavers",
                "Assets whose holder stands in the leavers' book with a day that has come.",
                "holder = logon name in the book",
                "Leavers",
            ),
            Definition(
                "Missing, lost or stolen",
                "Looked for and not found; or given up within a year. UNKNOWN where none is and nobody ever counted.",
                "assets in state missing + assets in state lost or stolen since less than 365 days",
                "the register's history",
            ),
        ],
        sources=[_source(inputs)],
    )


def _lights(inputs: Inputs, held: Held, lost: Sequence[Asset]) -> Iterator[Light]:
    who = inputs.responsible
    yield light("Overdue returns", *_of_loans(inputs, held), who)
    yield light("Leavers", *_of_leavers(inputs, held), who)
    if held.missing:
        said = f"Missing: {few(tag for tag, _ in held.missing)}."
        yield light("Missing assets", "FAIL", said, who)
    if lost:
        said = f"Lost or stolen within a year: {few(tag for tag, _ in lost)}."
        yield light("Lost and stolen", "WARN", said, who)


def _of_loans(inputs: Inputs, held: Held) -> tuple[str, str]:
    if held.overdue:
        worst = max(late(one, inputs.today) for _, one in held.overdue)
        said = f"Overdue: {few(tag for tag, _ in held.overdue)}; the longest by {worst} days."
        return "FAIL" if worst > SOON else "WARN", said
    if not held.held:
        return "UNKNOWN", "Nothing is recorded as held by anybody."
    return "PASS", "Nothing on loan is overdue."


def _of_leavers(inputs: Inputs, held: Held) -> tuple[str, str]:
    if not inputs.left:
        return "UNKNOWN", "The leavers' book names nobody, so nobody can say."
    if held.leavers:
        return "FAIL", f"With people who left: {few(tag for tag, _ in held.leavers)}."
    return "PASS", f"None of {len(inputs.left)} leavers holds anything."


def _actions(inputs: Inputs, held: Held, lost: Sequence[Asset]) -> Iterator[Action]:
    for tag, one in held.leavers:
        left = left_on(inputs, one["holder"]) or "a day not known"
        said = f"{one['holder'].removeprefix(PERSON)} left on {left[:10]} and still holds {tag}, {what(one)}."
        yield Action("LEAVER", tag, said, "high", worth(one, inputs.today), one.get("owner", ""))
    for tag, one in held.overdue:
        days = late(one, inputs.today)
        said = f"{tag}, {what(one)}, was due back from {holder(one['holder'])} {many(days, 'day')} ago."
        severity = "high" if days > SOON else "medium"
        yield Action("OVERDUE", tag, said, severity, worth(one, inputs.today), one.get("owner", ""))
    for tag, one in held.missing:
        said = f"{tag}, {what(one)}, is missing: find it, or give it up as lost or stolen."
        yield Action("MISSING", tag, said, "high", worth(one, inputs.today), one.get("owner", ""))
    for tag, one in lost:
        said = f"{tag}, {what(one)}, is {one['state']}: write it off, and tell whoever has to know (insurer, police)."
        yield Action("LOST", tag, said, "medium", cost(one), one.get("owner", ""))


def _decisions(inputs: Inputs, held: Held, lost: Sequence[Asset]) -> list[str]:
    long = [(tag, one) for tag, one in held.overdue if late(one, inputs.today) > SOON]
    asked = {
        "Have what leavers hold fetched, or written off": held.leavers,
        "Have what is missing searched for, or give it up as lost or stolen": held.missing,
        f"Have what is overdue by more than {SOON} days fetched, lent anew, or written off": long,
        "Write off what was lost or stolen": lost,
    }
    return [f"{words}: {few(tag for tag, _ in some)}." for words, some in asked.items() if some]


def _custody(inputs: Inputs, kept: Kept, held: Held) -> Table:
    columns = (
        *(Column("Holder", width=26), Column("Tag", "id", 14), Column("What", width=30), Column("State", width=12)),
        *(Column("Since", "date"), Column("Due back", "due"), Column("Days late", "integer", 10)),
        *(Column("Terms accepted", "date", 14), Column("Verdict", "verdict", 14, meaning=MEANT)),
    )
    late_ones = {tag for tag, _ in held.overdue}

    def rows() -> Iterator[Sequence[object]]:
        for tag, one in sorted(held.overdue, key=lambda pair: (pair[1]["due"], pair[0])):
            yield _row(inputs, tag, one)
        for word in HELD:
            for tag, one in assets(kept, state=word):
                if tag not in late_ones:
                    yield _row(inputs, tag, one)

    note = "Overdue first. ACCEPTED: a person who accepted the terms. UNSIGNED: a person, and nobody recorded that."
    note += " PLACED: a place or another asset has it."
    return Table("custody", "Custody", columns, rows, note, "Nothing is recorded as held by anybody.")


MEANT = {"OVERDUE": "FAIL", "ACCEPTED": "PASS", "UNSIGNED": "WARN", "PLACED": "PASS"}


def _row(inputs: Inputs, tag: str, one: Fields) -> Sequence[object]:
    days = late(one, inputs.today)
    person = one["holder"].startswith(PERSON)
    word = "OVERDUE" if days > 0 else "PLACED" if not person else "ACCEPTED" if one.get("accepted") else "UNSIGNED"
    return (
        *(holder(one["holder"]), tag, what(one), state(one), day(one, "held_since"), day(one, "due")),
        *(days if days > 0 else None, day(one, "accepted"), word),
    )


def _leavers(inputs: Inputs, held: Held) -> Table:
    columns = (
        *(Column("Person", width=26), Column("Left", "date"), Column("Days since", "integer", 12)),
        *(Column("Tag", "id", 14), Column("What", width=34), Column("Data class", width=14)),
        *(Column("Cost", "money", total=True), Column("Book value", "money", total=True)),
    )
    listed = sorted(held.leavers, key=lambda pair: (left_on(inputs, pair[1]["holder"]) or "", pair[0]))
    rows = [_leaver(inputs, tag, one) for tag, one in listed]
    unknown = "The leavers' book names nobody: this is not known, and not zero."
    empty = "Nobody of the leavers' book holds anything." if inputs.left else unknown
    return Table("leavers", "Leavers holding items", columns, rows, "" if inputs.left else unknown, empty)


def _leaver(inputs: Inputs, tag: str, one: Fields) -> Sequence[object]:
    left = (left_on(inputs, one["holder"]) or "")[:10]
    since = (inputs.today - date.fromisoformat(left)).days if left else None
    return (
        *(one["holder"].removeprefix(PERSON), left or None, since, tag, what(one), one.get("data_class", "")),
        *(cost(one), worth(one, inputs.today)),
    )


def _source(inputs: Inputs) -> Source:
    if inputs.left:
        return Source("Leavers' book", True, inputs.as_of, 0.0, reason=f"{len(inputs.left)} people")
    return Source("Leavers' book", None, reason="it names nobody; ops user offboard writes it")
