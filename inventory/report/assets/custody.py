"""Who has what, what is overdue, and what leavers still hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from inventory.register.fields import Fields
from inventory.register.states import HELD
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Column, Light, Table, Tile
from inventory.report.things import Asset, add, assets, cost, day, few, state, what, worth

if TYPE_CHECKING:
    from inventory.register.store import Snapshot
    from inventory.report.money import Money

PERSON = "person:"
SOON = 30  # days a return is late until it is more than a nuisance


@dataclass
class Held:
    """What the pass over all assets found of custody."""

    inputs: Inputs
    overdue: list[Asset] = field(default_factory=list)
    leavers: list[Asset] = field(default_factory=list)
    missing: list[Asset] = field(default_factory=list)
    people: int = 0
    accepted: int = 0

    def take(self, tag: str, one: Fields) -> None:
        """Look at one asset."""
        if one.get("state") == "missing":
            self.missing.append((tag, one))
        holder = one.get("holder", "")
        if not holder:
            return
        self.people += holder.startswith(PERSON)
        self.accepted += holder.startswith(PERSON) and bool(one.get("accepted"))
        if late(one, self.inputs.today) > 0:
            self.overdue.append((tag, one))
        if left_on(self.inputs, holder) is not None:
            self.leavers.append((tag, one))


def late(one: Fields, today: date) -> int:
    """How many days ago it should have come back; negative as long as there is time, 0 without a day."""
    due = day(one, "due")
    return (today - due).days if due and one.get("holder") else 0


def left_on(inputs: Inputs, holder: str) -> str | None:
    """The day on which a holder left, empty if it is not known; None for those who are here, and for those to come."""
    if inputs.left is None or not holder.startswith(PERSON):
        return None
    found = inputs.left.get(holder.removeprefix(PERSON).casefold())
    return found if found is None or found[:10] <= inputs.today.isoformat() else None


def chapter(inputs: Inputs, seen: Snapshot, held: Held) -> Chapter:
    """The sheets Custody and Leavers."""
    return Chapter(
        [_custody(inputs, seen, held), _leavers(inputs, held)],
        tiles=[
            Tile("Overdue returns", len(held.overdue), verdict=_of_loans(inputs, held)[0]),
            Tile("Held by leavers", len(held.leavers) if inputs.left else None, verdict=_of_leavers(inputs, held)[0]),
            Tile("Missing", len(held.missing), verdict="FAIL" if held.missing else "PASS"),
        ],
        lights=list(_lights(inputs, held)),
        actions=list(_actions(inputs, held)),
        decisions=_decisions(held),
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
        ],
        sources=[_source(inputs)],
    )


def _lights(inputs: Inputs, held: Held) -> Iterator[Light]:
    who = inputs.responsible
    yield light("Overdue returns", *_of_loans(inputs, held), who)
    yield light("Leavers", *_of_leavers(inputs, held), who)
    if held.missing:
        said = f"Missing: {few(tag for tag, _ in held.missing)}."
        yield light("Missing assets", "FAIL", said, who)


def _of_loans(inputs: Inputs, held: Held) -> tuple[str, str]:
    if held.overdue:
        worst = max(late(one, inputs.today) for _, one in held.overdue)
        said = f"Overdue: {few(tag for tag, _ in held.overdue)}; the longest by {worst} days."
        return "FAIL" if worst > SOON else "WARN", said
    if not held.people:
        return "UNKNOWN", "Nothing is recorded as held by a person."
    return "PASS", "Nothing on loan is overdue."


def _of_leavers(inputs: Inputs, held: Held) -> tuple[str, str]:
    if not inputs.left:
        return "UNKNOWN", "The leavers' book names nobody, so nobody can say."
    if held.leavers:
        return "FAIL", f"With people who left: {few(tag for tag, _ in held.leavers)}."
    return "PASS", f"None of {len(inputs.left)} leavers holds anything."


def _actions(inputs: Inputs, held: Held) -> Iterator[Action]:
    for tag, one in held.leavers:
        left = left_on(inputs, one["holder"]) or "a day not known"
        said = f"{one['holder'].removeprefix(PERSON)} left on {left[:10]} and still holds {tag}, {what(one)}."
        yield Action("LEAVER", tag, said, "high", worth(one, inputs.today), one.get("owner", ""))
    for tag, one in held.overdue:
        days = late(one, inputs.today)
        said = f"{tag}, {what(one)}, was due back from {one['holder'].partition(':')[2]} {days} days ago."
        severity = "high" if days > SOON else "medium"
        yield Action("OVERDUE", tag, said, severity, worth(one, inputs.today), one.get("owner", ""))
    for tag, one in held.missing:
        said = f"{tag}, {what(one)}, is missing: find it, or give it up as lost or stolen."
        yield Action("MISSING", tag, said, "high", worth(one, inputs.today), one.get("owner", ""))


def _decisions(held: Held) -> list[str]:
    found = []
    if held.leavers:
        found.append(f"Have what leavers hold fetched, or written off: {len(held.leavers)}.")
    if held.missing:
        found.append(f"Have what is missing searched for, or give it up as lost or stolen: {len(held.missing)}.")
    return found


def _custody(inputs: Inputs, seen: Snapshot, held: Held) -> Table:
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
            for tag, one in assets(seen, state=word):
                if tag not in late_ones:
                    yield _row(inputs, tag, one)

    note = "Overdue first. ACCEPTED: the holder accepted the terms. UNSIGNED: nobody recorded that."
    return Table("custody", "Custody", columns, rows, note)


MEANT = {"OVERDUE": "FAIL", "ACCEPTED": "PASS", "UNSIGNED": "WARN", "PLACED": "PASS"}


def _row(inputs: Inputs, tag: str, one: Fields) -> Sequence[object]:
    days = late(one, inputs.today)
    person = one["holder"].startswith(PERSON)
    word = "OVERDUE" if days > 0 else "PLACED" if not person else "ACCEPTED" if one.get("accepted") else "UNSIGNED"
    holder = one["holder"].removeprefix(PERSON)
    return (
        *(holder, tag, what(one), state(one), day(one, "held_since"), day(one, "due"), max(days, 0)),
        *(day(one, "accepted"), word),
    )


def _leavers(inputs: Inputs, held: Held) -> Table:
    columns = (
        *(Column("Person", width=26), Column("Left", "date"), Column("Days since", "integer", 12)),
        *(Column("Tag", "id", 14), Column("What", width=34), Column("Data class", width=14)),
        *(Column("Cost", "money", total=True), Column("Book value", "money", total=True)),
    )
    listed = sorted(held.leavers, key=lambda pair: (left_on(inputs, pair[1]["holder"]) or "", pair[0]))
    rows = [_leaver(inputs, tag, one) for tag, one in listed]
    note = "" if inputs.left else "The leavers' book names nobody: this is not known, and not zero."
    return Table("leavers", "Leavers holding items", columns, rows, note)


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


def stake(found: Sequence[Asset], on: date) -> Money | None:
    """What some assets are worth together, if they are of one currency."""
    total: Money | None = None
    for _, one in found:
        value = worth(one, on)
        if total and value and value.currency != total.currency:
            return None
        total = add(total, value)
    return total
