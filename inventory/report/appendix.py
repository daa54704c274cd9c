"""The three sheets at the end of every report: what the figures mean, where they are from, how to check them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from inventory.report.parts import Column, Table


@dataclass(frozen=True)
class Definition:
    """What a figure means: how it is computed, and from which source."""

    figure: str
    meaning: str
    formula: str
    source: str = ""


@dataclass(frozen=True)
class Source:
    """One source as it was when the report was made. ``ok`` is None if it was not asked; ``coverage`` a fraction."""

    name: str
    ok: bool | None
    read: datetime | None = None
    age_hours: float | Decimal | None = None
    coverage: float | None = None
    failures: int | None = None
    reason: str = ""


def definitions(given: Sequence[Definition]) -> Table:
    """The sheet that says what each figure means."""
    columns = (
        Column("Figure", width=28),
        Column("Meaning", "note", 46),
        Column("Formula", "note", 46),
        Column("Source", "note", 28),
    )
    return Table("definitions", "Definitions", columns, [(d.figure, d.meaning, d.formula, d.source) for d in given])


def sources(given: Sequence[Source]) -> Table:
    """The sheet that says what was asked and what answered; a source that was not asked is UNKNOWN."""
    columns = (
        *(Column("Source", width=28), Column("Status", "verdict"), Column("Read (UTC)", "datetime")),
        *(Column("Age, hours", "decimal", places=1), Column("Coverage", "percent", places=1, bar=True)),
        *(Column("Failures", "integer"), Column("Reason", "note", 44)),
    )
    return Table("sources", "Sources", columns, [_source(one) for one in given])


def provenance(given: Mapping[str, str]) -> Table:
    """The sheet that says how the report was made and how to check it: command, versions, hashes, evidence id."""
    return Table(
        "provenance", "Provenance", (Column("What", width=28), Column("Value", "note", 90)), list(given.items())
    )


def _source(one: Source) -> tuple[object, ...]:
    status = "UNKNOWN" if one.ok is None else "PASS" if one.ok and not one.failures else "WARN" if one.ok else "FAIL"
    return one.name, status, one.read, one.age_hours, one.coverage, one.failures, one.reason
