"""What is on the network and not as the register says: the cases that were kept, and which sources looked at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from inventory.estate.cases import GONE, NEW, OPEN, Kept
from inventory.estate.sighting import SOURCES
from inventory.register.observed import kept_cases, last_looks
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import VERDICTS, Column, Light, Table, Tile

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

CALLED = {
    "directory": "Directory",
    "wire": "Network scans",
    "dhcp": "Address leases",
    "collected": "Collected inventories",
}
COLUMNS = (
    *(Column("Verdict", "id", 17), Column("Severity", width=10), Column("Status", "verdict", 12)),
    *(Column("Subject", "id", 22), Column("Because", "note", 40), Column("First seen (UTC)", "datetime", 17)),
    *(Column("Last seen (UTC)", "datetime", 17), Column("Due", "due", 16), Column("Case", width=9)),
    *(Column("Decision", "note", 24), Column("Not looked at", "note", 22)),
)


def chapter(inputs: Inputs, seen: Snapshot) -> Chapter:
    """The sheet Unauthorised & conflicts."""
    looks = last_looks(seen)
    cases = sorted((one for one in kept_cases(seen) if one.state != GONE), key=lambda kept: kept.case.order)
    waiting = [one for one in cases if one.state in (NEW, OPEN)]
    silent = [name for name in SOURCES if name != "register" and not any(look["source"] == name for look in looks)]
    looked = len(silent) < len(SOURCES) - 1 and not inputs.past
    return Chapter(
        [Table("network", "Unauthorised & conflicts", COLUMNS, [_row(inputs, one) for one in cases], _note(inputs))],
        tiles=[Tile("Open cases on the network", len(waiting) if looked else None)],
        lights=[_light(inputs, waiting, looked)],
        actions=[_action(one) for one in waiting],
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


def _row(inputs: Inputs, kept: Kept) -> Sequence[object]:
    case, decided = kept.case, kept.decision
    state = "overdue" if kept.overdue(inputs.today) else kept.state
    return (
        *(case.verdict, case.severity, case.word, case.subject, case.because, kept.first_seen, kept.last_seen),
        *(case.due, state, f"{decided.owner}: {decided.decision}" if decided else ""),
        "; ".join(case.not_looked_at),
    )


def _light(inputs: Inputs, waiting: Sequence[Kept], looked: bool) -> Light:
    what, who = "Network and register agree", inputs.responsible
    if not looked:
        said = "Kept only as it is today, not for an earlier day." if inputs.past else "Nobody looked at the network."
        return light(what, "UNKNOWN", said, who)
    if not waiting:
        return light(what, "PASS", "No case is open.", who)
    worst = min((one.case.word for one in waiting), key=VERDICTS.index)
    grave = sum(one.case.severity in ("critical", "high") for one in waiting)
    said = f"Open cases: {len(waiting)}, critical or high: {grave}; the first is {waiting[0].case.subject}."
    return light(what, "WARN" if worst == "PASS" else worst, said, who)


def _action(kept: Kept) -> Action:
    case = kept.case
    return Action("CASE", case.id, f"{case.verdict}: {case.subject}. {case.because}", case.severity, due=case.due)


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
