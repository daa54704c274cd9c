"""What a report is put together from: each chapter brings its sheets, and what it has to say on the first page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from inventory.report.appendix import Definition, Source, definitions, provenance, sources
from inventory.report.inputs import Inputs
from inventory.report.money import Money, money
from inventory.report.parts import (
    DECISIONS,
    GAPS,
    REASON_WORDS,
    VERDICTS,
    Chart,
    Column,
    Light,
    Summary,
    Table,
    Tile,
    Workbook,
)
from inventory.report.values import value_of
from inventory.report.wording import plain
from ops.errors import InvalidRequest

SEVERITIES: Mapping[str, int] = {"critical": 1, "high": 7, "medium": 30, "low": 90, "info": 180}  # days to act
STATES = ("open", "in progress", "done", "accepted")
MOST = 5000  # actions; a longer list is not worked through


@dataclass(frozen=True)
class Action:
    """One thing to be done. ``due`` follows from the severity if it is not given."""

    rule: str
    subject: str
    finding: str
    severity: str
    money: Money | None = None
    owner: str = ""
    due: date | None = None

    @property
    def id(self) -> str:
        """The same in every report, as long as rule and subject are."""
        return f"{self.rule}-{sha256(self.subject.encode()).hexdigest()[:6]}".upper()

    def due_on(self, today: date) -> date:
        """By when."""
        return self.due or today + timedelta(days=SEVERITIES[self.severity])


@dataclass(frozen=True)
class Chapter:
    """Some sheets and their say; ``gaps`` is what could not be told, ``decisions`` what somebody has to decide."""

    tables: Sequence[Table]
    tiles: Sequence[Tile] = ()
    lights: Sequence[Light] = ()
    actions: Sequence[Action] | Callable[[], Iterable[Action]] = ()
    decisions: Sequence[str] = ()
    gaps: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    definitions: Sequence[Definition] = ()
    sources: Sequence[Source] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def each_action(self) -> Iterator[Action]:
        """Its actions, made when they are asked for."""
        yield from self.actions() if callable(self.actions) else self.actions


def light(subject: str, verdict: str, reason: str, owner: str) -> Light:
    """A line of the first page; a reason that holds a long name is cut."""
    words = reason.split()
    cut = words if len(words) <= REASON_WORDS else [*words[: REASON_WORDS - 1], "…"]
    return Light(subject, verdict, " ".join(cut), owner)


def assembled(inputs: Inputs, title: str, scope: str, chapters: Sequence[Chapter]) -> Workbook:
    """The whole report: first page, actions, the chapters' sheets, and how to check all of it."""
    tables = [table for one in chapters for table in one.tables]
    parts: tuple[Summary | Table, ...] = (
        _summary(inputs, scope, chapters),
        actions(inputs, [one for chapter in chapters for one in chapter.each_action()]),
        *tables,
        definitions([*WORDS, *(one for chapter in chapters for one in chapter.definitions)]),
        sources([one for chapter in chapters for one in chapter.sources]),
        provenance(made_how(inputs)),
    )
    subject = inputs.template.organisation or "Our organisation"
    return Workbook(
        title, subject, inputs.as_of, inputs.evidence, inputs.classification, inputs.prepared_by, parts,
        inputs.approved_by,
    )  # fmt: skip


def _summary(inputs: Inputs, scope: str, chapters: Sequence[Chapter]) -> Summary:
    decisions = [one for chapter in chapters for one in chapter.decisions]
    left = f"And {len(decisions) - DECISIONS + 1} more: see Actions."
    gaps = [one for chapter in chapters for one in chapter.gaps]
    more = [f"And {len(gaps) - GAPS + 1} more gaps: see Sources."] if len(gaps) > GAPS else []
    return Summary(
        scope,
        [_compared(inputs, tile) for chapter in chapters for tile in chapter.tiles],
        sorted((one for chapter in chapters for one in chapter.lights), key=lambda one: VERDICTS.index(one.verdict)),
        decisions if len(decisions) <= DECISIONS else [*decisions[: DECISIONS - 1], left],
        [*gaps[: GAPS - len(more)], *more],
        [one for chapter in chapters for one in chapter.charts],
    )


def _compared(inputs: Inputs, tile: Tile) -> Tile:
    """With what it was in the report before, if there was one and it can still be read."""
    text = inputs.before.get(tile.label, "")
    if not text or tile.before is not None:
        return tile
    amount, _, currency = text.partition(" ")
    try:
        before = money(amount, currency) if currency else amount
        value_of(Column("before", tile.kind, places=tile.places), before)
    except InvalidRequest:
        return tile
    return Tile(tile.label, tile.value, tile.kind, before, tile.verdict, tile.places)


def figures(workbook: Workbook) -> dict[str, str]:
    """The figures of the first page as text, to be compared with next time; what is not known is left out."""
    found = {}
    for tile in workbook.summary.tiles if workbook.summary else ():
        value = value_of(Column("figure", tile.kind, places=tile.places), tile.value)
        if value is not None:
            found[tile.label] = f"{plain(value)} {value.currency}" if isinstance(value, Money) else plain(value)
    return found


def actions(inputs: Inputs, found: Sequence[Action]) -> Table:
    """What is to be done, the worst first."""
    columns = (
        *(Column("Action", "id", 17), Column("Finding", "note", 62)),
        Column("Severity", "verdict", 12, meaning=MEANT),
        Column("At stake", "money", 16, total=True),
        *(Column("Owner", width=20), Column("Due", "due", 15), Column("State", width=14, choices=STATES)),
        Column("Evidence", "id", 12),
    )
    order = list(SEVERITIES)
    listed = sorted(found, key=lambda one: (order.index(one.severity), one.due_on(inputs.today), one.id))
    rows = [
        (one.id, one.finding, one.severity, one.money, one.owner or inputs.responsible, one.due_on(inputs.today),
         STATES[0], inputs.evidence)
        for one in listed[:MOST]
    ]  # fmt: skip
    note = f"{len(listed) - MOST:,} more are not listed: mend these first." if len(listed) > MOST else ""
    return Table("actions", "Actions", columns, rows, note, "Nothing is known that has to be done.")


MEANT = {"critical": "FAIL", "high": "FAIL", "medium": "WARN", "low": "WARN", "info": "PASS"}
WORDS = (
    Definition(
        "Status and verdict",
        "How something stands. UNKNOWN is not good news: nobody looked, or not enough was seen.",
        "the worst of its parts: FAIL, ERROR, UNKNOWN, WARN, PASS",
        "all sheets",
    ),
    Definition(
        "Severity and due day",
        "Until when somebody should have acted.",
        ", ".join(f"{word} {days} days" for word, days in SEVERITIES.items()) + "; a case keeps its own day",
        "Actions",
    ),
)


def made_how(inputs: Inputs) -> dict[str, str]:
    """Command, versions, hashes, and how to check."""
    register = f"event {inputs.head}, SHA-256 {inputs.head_hash}" if inputs.head else "no event yet"
    return {
        "Command": inputs.command,
        "Evidence id": inputs.evidence,
        "As of (UTC)": f"{inputs.as_of:%Y-%m-%d %H:%M:%S}",
        "Register": register,
        **{f"Version of {name}": version for name, version in sorted(inputs.versions.items())},
        "To check this file": f"ops report verify FILE: it makes the report of run {inputs.evidence} again, compares "
        "every byte, and looks at the record. The SHA-256 of this file stands in that record.",
    }
