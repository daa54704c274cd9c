"""Each system against each question: which rules answer it, and the worst of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from inventory.backup.memory import OPENS, ORDER
from inventory.backup.model import Backups

COLUMNS: Mapping[str, tuple[str, ...]] = {  # question → the rules that answer it; a rule may go on, as in "data 3/90"
    "fresh": ("freshness",),
    "on time": ("start", "finish"),
    "shape": ("shape",),
    "sources": ("sources",),
    "whole": ("structure", "data", "room"),
    "restore": ("restore", "database", "rto"),
    "fixed": ("1 unchangeable", "sentinel"),
    "key": ("key",),
    "3-2-1-1-0": ("3 copies", "2 media", "1 elsewhere", "1 unchangeable", "0 errors"),
}
Verdicts = Mapping[str, Mapping[str, str]]  # system → question → verdict
Row = tuple[str, str, str]  # subject, rule, verdict


def asked(rule: str) -> tuple[str, ...]:
    """The questions a rule answers; one that nobody placed is about the whole, so that it is never left out."""
    first = rule.partition(" ")[0]
    return tuple(column for column, rules in COLUMNS.items() if rule in rules or first in rules) or ("whole",)


def systems_of(plan: Backups) -> Mapping[str, frozenset[str]]:
    """Subject of a verdict (a system, a job, a target) → the systems it is about."""
    found: dict[str, set[str]] = {tag: {tag} for tag in plan.systems}
    for job in plan.jobs:
        for subject in (job.name, job.target):
            found.setdefault(subject, set()).add(job.system)
    return {subject: frozenset(tags) for subject, tags in found.items()}


def cells(plan: Backups, rows: Iterable[Row]) -> Verdicts:
    """For each system the worst verdict on each question; what nobody answered is not in it."""
    about = systems_of(plan)
    found: dict[str, dict[str, str]] = {tag: {} for tag in plan.systems}
    for subject, rule, verdict in rows:
        if rule == OPENS and verdict == "PASS":  # that a door opens says nothing of what is behind it
            continue
        for tag in about.get(subject, ()):
            for column in asked(rule):
                known = found[tag].get(column, "PASS")
                found[tag][column] = max(known, verdict, key=ORDER.index)
    return found
