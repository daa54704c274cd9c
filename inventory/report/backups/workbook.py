"""The report on backups: what a restore can be hoped for, by what was seen; what was not seen is UNKNOWN."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from inventory.backup.coverage import NEEDED, need
from inventory.backup.memory import TESTED, Remembered
from inventory.backup.model import Backups
from inventory.report.appendix import Source
from inventory.report.backups import covering, matrix, testing
from inventory.report.backups.standing import DAYS, Standing, standing
from inventory.report.chapter import Chapter, assembled
from inventory.report.inputs import Inputs
from inventory.report.parts import Tile, Workbook
from inventory.report.things import many
from inventory.report.values import Counts

if TYPE_CHECKING:
    from inventory.register.fields import Fields
    from inventory.register.store import Snapshot
NAMED = re.compile(r"\S+: ")  # what begins with the name of a job or target, which keeps its spelling


def workbook(seen: Snapshot, inputs: Inputs) -> Workbook:
    """The whole report; without a ``backups.yaml`` it says so, and nothing in it looks well."""
    stands, assets = standing(inputs), _assets(seen)
    plan = stands.plan or Backups()
    scope = f"{many(len(plan.systems), 'system')}, {many(len(plan.jobs), 'job')}, {many(len(plan.targets), 'target')}"
    chapters = [
        Chapter([], tiles=_tiles(stands, assets), gaps=_gaps(inputs, stands)),
        matrix.chapter(inputs, stands),
        testing.chapter(stands),
        covering.chapter(inputs, stands, assets),
        Chapter([], sources=_sources(inputs, stands, len(assets))),
    ]
    return assembled(inputs, "Backups", scope if stands.plan else "No backups.yaml was read", chapters)


def expected(inputs: Inputs) -> Mapping[str, Counts]:
    """What the sources themselves count."""
    stands = standing(inputs)
    plan = stands.plan or Backups()
    runs = {(one.run, one.subject) for one in stands.tests if one.rule in TESTED}
    return {"matrix": Counts(len(plan.systems)), "targets": Counts(len(plan.targets)), "tests": Counts(len(runs))}


def _assets(seen: Snapshot) -> dict[str, Fields]:
    return {ref.partition(":")[2]: one for ref, one in seen.every("asset")}


def _tiles(stands: Standing, assets: Mapping[str, Fields]) -> list[Tile]:
    plan = stands.plan or Backups()
    rows = {tag: matrix.row_of(stands, tag) for tag in plan.systems}
    looked = stands.checked is not None
    needing = [tag for tag, one in assets.items() if need(one)[0] == NEEDED]
    without = [tag for tag in needing if not plan.jobs_of(tag)]
    recent = {one.run for one in stands.tests if (stands.as_of - one.at).days < DAYS}
    proven = [tag for tag in plan.systems if stands.back(tag) == {"PASS"}]
    return [
        Tile("Systems protected", len(plan.systems) if stands.plan else None),
        Tile("All well", sum(matrix.overall(row) == "PASS" for row in rows.values()) if looked else None),
        Tile("Restore proven", len(proven) if looked or recent else None),
        Tile("Something failed", sum(matrix.overall(row) == "FAIL" for row in rows.values()) if looked else None),
        Tile("Need one, have none", len(without) if assets and stands.plan else None),
        Tile(f"Restore tests, {DAYS} days", len(recent) if stands.plan else None),
        Tile("Hours since the check", _hours(stands, stands.checked), "decimal"),
    ]


def _hours(stands: Standing, one: Remembered | None) -> Decimal | None:
    """How old something is, to a tenth of an hour."""
    seconds = (stands.as_of - one.at).total_seconds() if one else None
    return None if seconds is None else Decimal(round(seconds / 360)) / 10


def _looked(stands: Standing, latest: Remembered) -> str:
    left = len(stands.unseen)
    more = f"; {left} {'thing was' if left == 1 else 'things were'} not looked at, as page one says" if left else ""
    return f"evidence {latest.run}{more}"


def _gaps(inputs: Inputs, stands: Standing) -> list[str]:
    found = [] if stands.plan else [f"Backups: {inputs.unasked}."]
    found += [] if stands.checked else ["Whether any backup is fresh or whole: ops backup check was never run."]
    found += [f"{one if NAMED.match(one) else one[:1].upper() + one[1:]}." for one in stands.unseen]
    if inputs.past:
        found.append("What backups.yaml said on that day: it is as it is today.")
    return found


def _sources(inputs: Inputs, stands: Standing, assets: int) -> list[Source]:
    latest, test = stands.checked, next(iter(stands.tests), None)
    read = inputs.as_of if stands.plan else None
    return [
        Source("backups.yaml", True if stands.plan else None, read, reason=inputs.unasked),
        Source("Checks of backups", True if latest else None, latest.at if latest else None, _hours(stands, latest),
               reason=_looked(stands, latest) if latest else "ops backup check was never run"),
        Source("Restore tests", True if test else None, test.at if test else None, _hours(stands, test),
               reason=f"evidence {test.run}" if test else "ops backup restore-test was never run"),
        Source("Register", True if assets else None, inputs.as_of if assets else None, reason=f"{assets} assets"),
    ]  # fmt: skip
