"""The report on licences: one pass over all installations, then a chapter for each question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inventory.licence.grade import coverage
from inventory.licence.position import positions
from inventory.register import totals
from inventory.register.licensing import counted
from inventory.report.chapter import Chapter, assembled
from inventory.report.inputs import Inputs
from inventory.report.licences import coming, owned, renewing, software
from inventory.report.licences import positions as standing
from inventory.report.parts import Workbook
from inventory.report.things import many
from inventory.report.values import Counts

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

OBSERVED = ("collected", "position", "session", "installation")  # tables without history that this report reads


def workbook(seen: Snapshot, inputs: Inputs) -> Workbook:
    """The whole report. Rows are read while it is written, so the snapshot has to last as long."""
    estate, census = counted(seen, inputs.today)
    found = list(positions(estate, census))
    chapters: list[Chapter] = [
        standing.chapter(inputs, estate, census, found),
        owned.chapter(inputs, estate),
        coming.reclaiming(inputs, seen, estate),
        renewing.renewing(inputs, estate),
        coming.forecasting(inputs, seen, estate, found),
        software.chapter(inputs, estate, census, found),
    ]
    live = coverage(estate.devices.values(), estate.as_of).in_scope
    gone = len(estate.devices) - live
    scope = f"{many(len(estate.entitlements), 'licence')}, {many(live, 'computer')} in use, on the shelf or in repair"
    scope += f" ({gone:,} more are not)" if gone else ""
    scope += f", {many(census.rows, 'installation')} of software"
    return assembled(inputs, "Licences", scope, chapters)


def expected(seen: Snapshot) -> Mapping[str, Counts]:
    """What the database itself counts and adds up, to compare the written file with."""
    lines, packs = totals.counts(seen, "entitlement", "quantity")
    seats, given = totals.counts(seen, "seat", "quantity")
    return {
        "entitlements": Counts(lines, {"Packs": packs} if lines else {}),
        "allocations": Counts(seats, {"Seats": given} if seats else {}),
    }
