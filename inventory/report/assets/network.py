"""What is on the network and not as the register says: the cases that were kept, and which sources looked at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from inventory.estate.case import Case
from inventory.estate.cases import GONE, NEW, OPEN, Kept
from inventory.estate.sighting import SOURCES
from inventory.estate.verdicts import MISSING_AFTER
from inventory.register.observed import kept_cases, last_looks
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import VERDICTS, Column, Light, Table, Tile
from inventory.report.things import few, holder, many

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

CALLED = {
    "directory": "Directory",
    "wire": "Network scans",
    "dhcp": "Address leases",
    "collected": "Collected inventories",
}
GROUP = "not looked for:"  # what the subject of a group begins with
COLUMNS = (
    *(Column("Verdict", "id", 17), Column("Severity", width=11), Column("Status", "verdict", 12)),
    *(Column("Subject", "note", 26), Column("Because", "note", 52), Column("First seen", "date", 12)),
    *(Column("Last seen", "date", 12), Column("Due", "due", 15), Column("Case", "note", 18)),
)


def chapter(inputs: Inputs, seen: Snapshot, began: str) -> Chapter:
    """The sheet Unauthorised & conflicts; ``began`` is the day of the register's first event."""
    looks = last_looks(seen)
    cases = sorted((one for one in kept_cases(seen) if one.state != GONE), key=lambda kept: kept.case.order)
    waiting = [one for one in cases if one.state in (NEW, OPEN)]
    silent = [name for name in SOURCES if name != "register" and not any(look["source"] == name for look in looks)]
    looked = len(silent) < len(SOURCES) - 1 and not inputs.past
    told = _Words(inputs, began)
    rows = [_row(told, one) for one in cases]
    empty = _light(told, waiting, looked).reason
    return Chapter(
        [Table("network", "Unauthorised & conflicts", COLUMNS, rows, _note(inputs), empty)],
        tiles=[Tile("Open cases on the network", len(waiting) if looked else None)],
        lights=[_light(told, waiting, looked)],
        actions=[_action(told, one) for one in waiting],
        gaps=[_gap(inputs, silent)] if silent or inputs.past else [],
        definitions=[
            Definition(
                "Unauthorised & conflicts",
                "Machines that sources other than the register saw, or did not see, against what it says.",
                "each case: verdict, reason, the sources it rests on; due within 7 days (CIS Controls v8, 1.2)",
                "ops estate discover",
            )
        ],
        sources=[*(_source(inputs, look) for look in looks), *(_never(name) for name in silent)],
    )


@dataclass(frozen=True)
class _Words:
    """What a case is about and why, for people who do not know its keys."""

    inputs: Inputs
    began: str

    def subject(self, case: Case) -> str:
        """Its asset, machine or group; of a group the first of its members."""
        if case.subject.startswith(GROUP):
            return f"{many(len(case.members), 'machine')} not looked for"
        return holder(case.subject)

    def because(self, case: Case) -> str:
        """Its reason; a register that is younger than the time after which machines are missed says so."""
        if not case.subject.startswith(GROUP):
            return case.because
        young = self.began > (self.inputs.today - MISSING_AFTER).isoformat()
        since = f"since they were entered, {self.began} or later" if young else f"for {MISSING_AFTER.days} days"
        return f"not seen {since}, and not all sources looked: {few(holder(one) for one in case.members)}"


def _row(told: _Words, kept: Kept) -> Sequence[object]:
    case, decided = kept.case, kept.decision
    state = "overdue" if kept.overdue(told.inputs.today) else kept.state
    gaps = f". Not looked at: {'; '.join(case.not_looked_at)}" if case.not_looked_at else ""
    return (
        *(case.verdict, case.severity, case.word, told.subject(case), f"{told.because(case)}{gaps}"),
        *(kept.first_seen.astimezone(UTC).date(), kept.last_seen.astimezone(UTC).date(), case.due),
        f"{state}; {decided.owner}: {decided.decision}" if decided else state,
    )


def _light(told: _Words, waiting: Sequence[Kept], looked: bool) -> Light:
    subject, who = "Network and register agree", told.inputs.responsible
    if not looked:
        past = told.inputs.past
        said = "Kept only as it is today, not for an earlier day." if past else "Nobody looked at the network."
        return light(subject, "UNKNOWN", said, who)
    if not waiting:
        return light(subject, "PASS", "No case is open.", who)
    worst = min((one.case.word for one in waiting), key=VERDICTS.index)
    grave = sum(one.case.severity in ("critical", "high") for one in waiting)
    said = f"Open cases: {len(waiting)}, critical or high: {grave}; the first is {told.subject(waiting[0].case)}."
    return light(subject, "WARN" if worst == "PASS" else worst, said, who)


def _action(told: _Words, kept: Kept) -> Action:
    case = kept.case
    said = f"{case.verdict}: {told.subject(case)}; {told.because(case)}."
    return Action("CASE", case.id, said, case.severity, due=case.due)


def _gap(inputs: Inputs, silent: Sequence[str]) -> str:
    if inputs.past:
        return "The network: what was seen is kept only as it is today, and not for an earlier day."
    return f"Never looked at: {', '.join(CALLED[name].lower() for name in silent)} (ops estate discover)."


def _note(inputs: Inputs) -> str:
    return "Kept only as it is today: this sheet is UNKNOWN for an earlier day, and not empty." if inputs.past else ""


def _source(inputs: Inputs, look: dict[str, object]) -> Source:
    ended = datetime.fromisoformat(str(look["ended"]))
    hours = round((inputs.as_of - ended.astimezone(UTC)).total_seconds() / 3600, 1)
    name = f"{CALLED.get(str(look['source']), str(look['source']))}: {look['name']}".rstrip(": ")
    return Source(name, bool(look["ok"]), ended, hours, None, int(str(look["failures"]) or 0), f"{look['rows']} rows")


def _never(name: str) -> Source:
    return Source(CALLED[name], None, reason="it never looked: ops estate discover")
