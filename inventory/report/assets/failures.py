"""Which models fail: failures of the last year, for each hundred of the model that are in use or could be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from inventory.register.fields import Fields
from inventory.report.appendix import Definition
from inventory.report.chapter import Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Column, Light, Table
from inventory.report.things import OWNED, model

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

YEAR = timedelta(days=365)
FEW = 10  # assets of a model, below which a rate says nothing
OFTEN = 25  # failures a year for each hundred assets
MEANT = {"OFTEN": "WARN", "SELDOM": "PASS", "TOO FEW": "UNKNOWN"}
COLUMNS = (
    *(Column("Model", width=40), Column("Assets", "integer", 12), Column("Failures", "integer", 12, total=True)),
    *(Column("Assets that failed", "integer", 19), Column("For each 100", "decimal", 15, places=1)),
    *(Column("Hours down", "integer", 14, total=True), Column("Verdict", "verdict", meaning=MEANT)),
)  # fmt: skip


@dataclass
class Models:
    """How many assets of each model are on the books."""

    of: Counter[str] = field(default_factory=Counter)

    def take(self, _: str, one: Fields) -> None:
        """Count one asset."""
        if one.get("state") in OWNED:
            self.of[model(one)] += 1


def chapter(inputs: Inputs, seen: Snapshot, models: Models) -> Chapter:
    """The sheet Failures by model."""
    rows = list(_rows(inputs, seen, models))
    note = f"Failures of the last 365 days. TOO FEW: fewer than {FEW} of the model, so the rate says nothing."
    return Chapter(
        [Table("failures", "Failures by model", COLUMNS, rows, note, "No failure was entered in 365 days.")],
        lights=_lights(inputs, rows),
        decisions=[f"Keep or replace {row[0]}, which fails often." for row in rows[:1] if row[-1] == "OFTEN"],
        definitions=[
            Definition(
                "Failures for each 100", "How often a model fails.",
                f"100 x failures in 365 days / assets of the model on the books; OFTEN from {OFTEN}",
                "ops asset log-failure",
            )
        ],
    )  # fmt: skip


def _rows(inputs: Inputs, seen: Snapshot, models: Models) -> Iterator[Sequence[object]]:
    since = (inputs.today - YEAR).isoformat()
    found: dict[str, list[Fields]] = defaultdict(list)
    for _, one in seen.every("failure"):
        if since < one.get("happened_on", "") <= inputs.today.isoformat():
            found[model(seen.read(f"asset:{one['asset']}") or {})].append(one)
    for name, some in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        count = models.of[name]
        rate = Decimal(100 * len(some)) / count if count else None
        word = "TOO FEW" if rate is None or count < FEW else "OFTEN" if rate >= OFTEN else "SELDOM"
        down = sum(int(one.get("down_hours", "0")) for one in some)
        yield name, count, len(some), len({one["asset"] for one in some}), rate, down, word


def _lights(inputs: Inputs, rows: Sequence[Sequence[object]]) -> list[Light]:
    often = [str(row[0]) for row in rows if row[-1] == "OFTEN"]
    if often:
        return [
            light(
                "Failures", "WARN", f"Models that fail often: {len(often)}, most of all {often[0]}.", inputs.responsible
            )
        ]
    return [light("Failures", "PASS", "No model fails often.", inputs.responsible)] if rows else []
