"""The sheets Matrix and Verdicts: each system against each question, and every verdict in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inventory.backup.durations import said
from inventory.backup.matrix import COLUMNS
from inventory.backup.memory import ORDER
from inventory.backup.model import Backups, System
from inventory.report.appendix import Definition
from inventory.report.backups.standing import Standing
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Column, Light, Table
from inventory.report.things import few

TITLES = {
    "fresh": "Freshness", "on time": "On time", "shape": "Shape", "sources": "Sources", "whole": "Integrity",
    "restore": "Restore", "fixed": "Immutable", "key": "Key", "3-2-1-1-0": "3-2-1-1-0",
}  # fmt: skip
ASKS = {
    "fresh": "The newest data are younger than the work that may be lost (RPO), from the start of the backup.",
    "on time": "The job began and ended when it was due, with its grace.",
    "shape": "The newest backup is about as large as the ten before it.",
    "sources": "Every path the job names is in the newest backup.",
    "whole": "The structure holds, and all data were read within their cadence.",
    "restore": "Files came back right, within the cadence; and fast enough for the RTO.",
    "fixed": "A copy is offline, or was seen to refuse a removal.",
    "key": "The escrowed key opens the repository.",
    "3-2-1-1-0": "Three copies, two media, one elsewhere, one that nobody can change, no error: all five.",
}
GRID = (
    *(Column("System", "id", 16), Column("Host", width=14), Column("Tier", "integer", 7)),
    *(Column("RPO", width=8), Column("RTO", width=8), Column("Overall", "verdict", 12)),
    *(Column(title, "verdict", 12) for title in TITLES.values()),
)
WORDS = (
    *(Column("Subject", "id", 22), Column("Rule", width=18), Column("Verdict", "verdict", 12)),
    *(Column("Because", "note", 80), Column("Seen (UTC)", "datetime"), Column("Record", "id", 12)),
)
UNTRIED = "Nobody has checked the backups: ops backup check."
MOST_URGENT = {"FAIL": "high", "ERROR": "high", "WARN": "medium"}


def overall(row: Sequence[str]) -> str:
    """The worst of a system; a question that nobody answered is UNKNOWN."""
    return max((one or "UNKNOWN" for one in row), key=ORDER.index)


def row_of(stands: Standing, tag: str) -> list[str]:
    """The verdicts on one system, one a question."""
    found = stands.verdicts.get(tag, {})
    return [found.get(column, "") for column in COLUMNS]


def chapter(inputs: Inputs, stands: Standing) -> Chapter:
    """Both sheets, a line of the first page for each question, and what is to be done."""
    plan = stands.plan or Backups()
    rows = [_row(stands, system) for _, system in sorted(plan.systems.items())]
    words = [(one.subject, one.rule, one.verdict, one.because, one.of, one.run) for one in stands.stood]
    words.sort(key=lambda row: (-ORDER.index(str(row[2])), row[0], row[1]))
    note = "" if stands.checked else UNTRIED
    return Chapter(
        [
            Table("matrix", "Matrix", GRID, rows, note, "backups.yaml protects no system."),
            Table("verdicts", "Verdicts", WORDS, words, note, UNTRIED),
        ],
        lights=list(_lights(inputs, stands)),
        actions=list(_actions(stands)),
        definitions=[
            *(Definition(TITLES[column], text, "the worst of its rules", "Verdicts") for column, text in ASKS.items()),
            Definition(
                "Too old to say anything",
                "What was found counts for a time, and is UNKNOWN afterwards; what failed stands.",
                "restore, database, rto, structure, data, sentinel, key: the cadence of the tier; "
                "all else: the RPO, at least a day",
                "Verdicts",
            ),
            Definition("Waived", "Somebody answers for it until a day.", "WARN, however bad it is", "Verdicts"),
        ],
    )


def _row(stands: Standing, system: System) -> Sequence[object]:
    row = row_of(stands, system.asset)
    return (system.asset, system.host, system.tier, said(system.rpo), said(system.rto), overall(row), *row)


def _lights(inputs: Inputs, stands: Standing) -> Iterator[Light]:
    """One line a question: the worst of all systems, and which they are."""
    tags = sorted((stands.plan or Backups()).systems)
    rows = {tag: row_of(stands, tag) for tag in tags}
    for at, (column, title) in enumerate(TITLES.items()):
        of = {tag: row[at] or "UNKNOWN" for tag, row in rows.items()}
        worst = max(of.values(), key=ORDER.index, default="UNKNOWN")
        bad = [tag for tag, verdict in of.items() if verdict == worst]
        yield light(title, worst, _reason(stands, column, worst, bad, len(tags)), inputs.responsible)


def _reason(stands: Standing, column: str, worst: str, bad: Sequence[str], number: int) -> str:
    if not number:
        return "No system is named in backups.yaml."
    if worst == "PASS":
        return f"All {number} systems." if number > 1 else "The one system there is."
    nobody = stands.checked is None or all(column not in stands.verdicts[tag] for tag in bad)
    return f"{len(bad)} of {number}{', not looked at' * nobody}: {few(bad)}."


def _actions(stands: Standing) -> Iterator[Action]:
    tiers = {tag: system.tier for tag, system in (stands.plan or Backups()).systems.items()}
    for one in stands.stood:
        urgent = MOST_URGENT.get(one.verdict, "low" if one.rule == "restore" and one.verdict == "UNKNOWN" else "")
        if not urgent or one.waived:  # somebody answers for it until a day
            continue
        about = [tiers[tag] for tag in stands.systems.get(one.subject, ())]
        urgent = "critical" if urgent == "high" and min(about, default=3) == 1 else urgent
        rule = one.rule.replace(" ", "-")
        yield Action(rule, f"{one.subject}/{one.rule}", f"{one.subject}, {one.rule}: {one.because}.", urgent)
