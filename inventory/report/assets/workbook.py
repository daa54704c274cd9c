"""The report on assets: one pass over the register and one over its history, then a chapter for each question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inventory.register import totals
from inventory.report.assets import (
    counts,
    custody,
    disposals,
    failures,
    listing,
    movements,
    network,
    quality,
    supplies,
    value,
    warranty,
)
from inventory.report.assets.trail import Trail
from inventory.report.chapter import assembled
from inventory.report.inputs import Inputs
from inventory.report.parts import Workbook
from inventory.report.things import OWNED, Kept, tally
from inventory.report.values import Counts

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

OBSERVED = ("expected", "scan", "source_run", "kept_case")  # tables without history that this report reads


def workbook(seen: Snapshot, inputs: Inputs) -> Workbook:
    """The whole report. Rows are read while it is written, so the snapshot has to last as long."""
    kinds, held, found = listing.Kinds(), custody.Held(inputs), warranty.Warranties(inputs.today)
    values, models, known = value.Values(inputs.today), failures.Models(), quality.Quality()
    taken, trail, kept = counts.last(seen), Trail(), Kept()
    collectors = (kinds.take, held.take, found.take, values.take, models.take, known.take, taken.take)
    states = tally(kept.along(seen.every("asset")), *collectors)
    books = movements.books(trail.along(seen.history()), movements.month_starts(inputs.today))
    chapters = [
        listing.chapter(inputs, kept, kinds),
        movements.chapter(inputs, books, sum(states[word] for word in OWNED), kinds.others),
        custody.chapter(inputs, kept, held, trail, taken.closed),
        warranty.chapter(inputs, kept, found),
        value.chapter(inputs, kept, values),
        counts.chapter(inputs, taken, trail),
        network.chapter(inputs, seen, trail.began),
        disposals.chapter(inputs, seen, kept),
        supplies.chapter(inputs, seen),
        failures.chapter(inputs, seen, models),
        quality.chapter(inputs, known),
    ]
    return assembled(inputs, "Assets", kinds.scope, chapters)


def expected(seen: Snapshot) -> Mapping[str, Counts]:
    """What the database itself counts and adds up, to compare the written file with."""
    states = totals.by_state(seen)
    gone = states.get("disposed", 0)
    sums = {f"Cost {currency}": total for currency, total in totals.costs(seen, without="disposed").items()}
    items, on_hand = totals.counts(seen, "consumable", "on_hand")
    return {
        "register": Counts(sum(states.values()) - gone, sums),
        "disposals": Counts(gone),
        "consumables": Counts(items, {"On hand": on_hand} if items else {}),
    }
