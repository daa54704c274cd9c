"""How backups stood at the moment of the report: what earlier looks found, as long as that still says anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from inventory.backup.durations import said
from inventory.backup.matrix import Verdicts, cells, systems_of
from inventory.backup.memory import TEST, TESTED, Remembered, newest, still
from inventory.backup.model import Backups
from inventory.backup.reading import read_backups
from inventory.report.inputs import Inputs

CHECK, COVERAGE = "backups.check", "backups.coverage"
PROOFS = {  # rule → the cadence of a tier by which it is due
    **{rule: rule for rule in ("structure", "data", "restore", "sentinel", "key")},
    **dict.fromkeys(TESTED, "restore"),
}
LEAST = timedelta(days=1)  # a look counts for so long, or as long as work may be lost
DAYS = 90


@dataclass(frozen=True)
class Standing:
    """All of it. ``plan`` is None where there is no ``backups.yaml``."""

    as_of: datetime
    plan: Backups | None
    looks: Sequence[Remembered] = ()
    unseen: Sequence[str] = ()
    systems: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def checked(self) -> Remembered | None:
        """Something of the newest check."""
        return max((one for one in self.looks if one.audit == CHECK), key=lambda one: one.at, default=None)

    @cached_property
    def tests(self) -> list[Remembered]:
        """What restore tests found, the newest first."""
        found = [one for one in self.looks if one.audit == TEST]
        return sorted(found, key=lambda one: (one.at, one.run), reverse=True)

    @cached_property
    def stood(self) -> list[Remembered]:
        """The newest check, and the restore tests since, as they count by now; what is too old says nothing any more.

        Whether a restore was fast enough no check tells: that stands until the next test.
        """
        latest = self.checked
        rows = [one for one in self.looks if latest and one.run == latest.run]
        since = [
            one for one in self.tests
            if latest is None or one.at > latest.at or (one.rule == "rto" and one.subject in self.systems)
        ]  # fmt: skip
        return [self._by_now(one) for _, one in sorted(newest([*rows, *since]).items())]

    @cached_property
    def verdicts(self) -> Verdicts:
        """System → question → verdict."""
        return cells(self.plan or Backups(), ((one.subject, one.rule, one.verdict) for one in self.stood))

    def on(self, subject: str, rule: str) -> Remembered | None:
        """The verdict on one question."""
        return next((one for one in self.stood if (one.subject, one.rule) == (subject, rule)), None)

    def back(self, tag: str) -> set[str]:
        """What is said of files and databases of a system that came back."""
        jobs = [one for one in self.stood if one.rule in ("restore", "database")]
        return {one.verdict for one in jobs if tag in self.systems.get(one.subject, ())}

    def _by_now(self, one: Remembered) -> Remembered:
        age = self.as_of - one.of
        if one.worth in ("PASS", "WARN") and age > self._good_for(one):
            return replace(one, verdict="UNKNOWN", because=f"last looked at {said(age)} ago: {one.because}")
        return replace(one, verdict=one.worth)

    def _good_for(self, one: Remembered) -> timedelta:
        """How long a verdict counts: by the strictest of the systems it is about."""
        plan = self.plan or Backups()
        about = [plan.systems[tag] for tag in self.systems.get(one.subject, ())]
        first = one.rule.partition(" ")[0]
        if first in PROOFS:
            spans = [getattr(plan.cadence[system.tier], PROOFS[first]) for system in about]
        else:
            spans = [max(LEAST, system.rpo) for system in about]
        return min(spans, default=LEAST)


def standing(inputs: Inputs) -> Standing:
    """What the inputs of a report say of backups up to its moment."""
    as_of = inputs.as_of.astimezone(UTC)
    plan = read_backups(inputs.backups) if inputs.backups else None
    looks = [one for one in map(look, inputs.looks) if known_by(one.at, as_of)]
    looks = still(looks, plan) if plan else looks
    return Standing(as_of, plan, looks, inputs.unseen, systems_of(plan) if plan else {})


def known_by(at: datetime, moment: datetime) -> bool:
    """Whether something was by a moment, which is told in whole seconds: all of its second is part of it."""
    return at < moment + timedelta(seconds=1)


def look(row: Sequence[str]) -> Remembered:
    """A verdict as it is kept with a report's inputs: nine texts."""
    subject, about, rule, verdict, because, at, of, run, audit = row
    return Remembered(
        subject, about, rule, verdict, because, datetime.fromisoformat(at), datetime.fromisoformat(of), run, audit
    )
