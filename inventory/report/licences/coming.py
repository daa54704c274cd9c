"""What comes: renewals with the last day to give notice first, what will be needed, and seats that could come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from inventory.licence.census import Estate
from inventory.licence.forecast import anniversary, forecast
from inventory.licence.position import NOTICE, Position
from inventory.licence.reclaim import IDLE, TRIAL, Candidate, Saving, candidates, savings
from inventory.licence.renewals import BANDS, Due, calendar
from inventory.register.snapshots import Wanted, required_since
from inventory.register.usage import excused, last_used
from inventory.report.appendix import Definition
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.licences.units import amount, holder, name
from inventory.report.parts import Column, Light, Table, Tile
from inventory.report.things import few, largest

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

DAYS_BACK = 186  # six months of trend
BANDED = {"30": "FAIL", "60": "WARN", "90": "WARN", "past": "FAIL", "later": "PASS"}
JUDGED = {"unused": "WARN", "used": "PASS", "excused": "PASS", "too-new": "PASS", "cannot-tell": "UNKNOWN"}
RENEWALS = (
    *(Column("Day", "due"), Column("What falls due", width=15), Column("Licence", "id", 18)),
    *(Column("Product", "id", 26), Column("Within days", "verdict", 13, meaning=BANDED)),
    *(Column("Next term", "money"), Column("Nobody has", "integer", 13), Column("What it means", "note", 44)),
)  # fmt: skip
FORECAST = (
    *(Column("Product", "id", 26), Column("Metric", width=13), Column("Scope", width=12), Column("By", "date")),
    *(Column(title, "integer", 12) for title in ("Effective", "Low", "Mid", "High", "To buy (mid)")),
    Column("Because", "note", 56),
)
RECLAIM = (
    *(Column("Holder", width=26), Column("Licence", "id", 18), Column("Product", "id", 26)),
    *(Column("Seats", "integer", 10, total=True), Column("Verdict", "verdict", 14, meaning=JUDGED)),
    *(Column("Because", width=44), Column("Saves if given back by", "due", 22)),
)  # fmt: skip


def renewing(inputs: Inputs, estate: Estate) -> Chapter:
    """The sheet Renewals calendar."""
    due = calendar(estate.entitlements, estate.allocations, estate.as_of)
    soon = [one for one in due if one.kind == "notice" and one.band is not None]
    rows = [
        (one.day, one.kind, one.entitlement, one.product, _band(one), amount(one.amount, one.currency), one.unassigned,
         one.what)
        for one in due
    ]  # fmt: skip
    return Chapter(
        [Table("renewals", "Renewals calendar", RENEWALS, rows, "The next 365 days.")],
        tiles=[Tile(f"Notice due in {NOTICE} days", len(soon) if estate.entitlements else None)],
        lights=[_renewal(inputs, estate, soon)],
        actions=[_notice(estate, one) for one in soon],
        decisions=[f"Renew {one.entitlement}, or give notice by {one.day}." for one in soon[:2]],
        definitions=[
            Definition("Notice day", "The last day to give notice; after it the next term is paid.",
                       "end of the term - days of notice", "Entitlements"),
        ],
    )  # fmt: skip


def _band(one: Due) -> str:
    return "later" if one.band is None else str(one.band) if one.band else "past"


def _renewal(inputs: Inputs, estate: Estate, soon: Sequence[Due]) -> Light:
    what, who = "Renewals", inputs.responsible
    if not estate.entitlements:
        return light(what, "UNKNOWN", "No licence is entered.", who)
    if not soon:
        return light(what, "PASS", f"No notice is due within {max(BANDS)} days.", who)
    urgent = [one for one in soon if one.band in (0, min(BANDS))]
    said = f"Notice due within {max(BANDS)} days: {len(soon)}; past or within {min(BANDS)}: {len(urgent)}."
    return light(what, "FAIL" if urgent else "WARN", said, who)


def _notice(estate: Estate, one: Due) -> Action:
    said = f"{one.entitlement}, {name(estate, one.product)}: {one.what}, {one.day}; nobody has {one.unassigned} of it."
    return Action("NOTICE", one.entitlement, said, "medium", amount(one.amount, one.currency), due=one.day)


def forecasting(inputs: Inputs, seen: Snapshot, estate: Estate, found: Sequence[Position]) -> Chapter:
    """The sheet Forecast."""
    past = required_since(seen, estate.as_of - timedelta(days=DAYS_BACK))
    begins = {line.product: line.starts for line in estate.entitlements}
    rows = [_forecast(inputs, one, begins, past) for one in found if one.required is not None]
    note = "By the next anniversary. Low and high are the quartiles of the trend; too few months are no trend."
    return Chapter(
        [Table("forecast", "Forecast", FORECAST, rows, note)],
        definitions=[
            Definition("Forecast", "What will be required on the anniversary.",
                       "required + dated joiners - dated leavers + trend of six months (Theil-Sen slope)", "Forecast"),
        ],
    )  # fmt: skip


def _forecast(
    inputs: Inputs, one: Position, begins: Mapping[str, date], past: Mapping[Wanted, Sequence[tuple[date, int]]]
) -> Sequence[object]:
    moves = (inputs.joins, inputs.leaves) if one.key.metric == "named-user" else ((), ())
    joins, leaves = ([(date.fromisoformat(when), 1) for when in some] for some in moves)
    end = anniversary(begins.get(one.key.product, inputs.today), inputs.today)
    history = past.get((one.key.product, one.key.metric, one.key.scope), ())
    made = forecast(one.required or 0, inputs.today, end, joins, leaves, history)
    key = (one.key.product, one.key.metric, one.key.scope)
    numbers = (one.effective, made.low, made.mid, made.high, made.to_buy(one.effective)[1])
    return *key, made.day, *numbers, made.because


def reclaiming(inputs: Inputs, seen: Snapshot, estate: Estate) -> Chapter:
    """The sheet Reclaim candidates."""
    lines = {line.id: line for line in estate.entitlements}
    used, excuses = last_used(seen, estate), excused(seen, estate.as_of)
    judged = sorted(
        candidates(lines, estate.allocations, used, estate.as_of, excuses),
        key=lambda one: (one.verdict != "unused", one.verdict, one.allocation.entitlement, one.allocation.holder),
    )
    saved = savings(judged, lines, estate.as_of)
    idle = sum(one.allocation.qty for one in judged if one.verdict == "unused")
    told = [one for one in judged if one.verdict != "cannot-tell"]
    note = f"A candidate is a question to its holder, not a decision. Unused: not for {IDLE} days, or never in {TRIAL}."
    return Chapter(
        [Table("reclaim", "Reclaim candidates", RECLAIM, [_candidate(one) for one in judged], note)],
        tiles=[Tile("Seats not used", idle if told else None), Tile("Saved if given back", _saved(saved), "money")],
        lights=[_reclaim(inputs, judged, told, idle)],
        actions=[_give_back(one) for one in saved if one.amount],
        gaps=[] if told or not judged else ["Use of seats: no inventory tells when software was last used."],
        definitions=[
            Definition("Unused seat", "A seat whose use can be seen, and was not seen.",
                       f"last used more than {IDLE} days ago, or never and held for more than {TRIAL}", "Reclaim"),
        ],
    )  # fmt: skip


def _candidate(one: Candidate) -> Sequence[object]:
    seat = one.allocation
    return holder(seat.holder), seat.entitlement, one.product, seat.qty, one.verdict, one.because, one.saves_on


def _saved(found: Sequence[Saving]) -> object:
    sums: dict[str, Decimal] = {}
    for one in found:
        if one.amount and (money := amount(one.amount, one.currency)):
            sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return largest(sums)


def _reclaim(inputs: Inputs, judged: Sequence[Candidate], told: Sequence[Candidate], idle: int) -> Light:
    what, who = "Unused seats", inputs.responsible
    if not told:
        said = f"Of {len(judged)} open seats the use of none can be seen." if judged else "No seat is given out."
        return light(what, "UNKNOWN", said, who)
    first = few(dict.fromkeys(one.allocation.entitlement for one in judged if one.verdict == "unused"))
    said = f"Seats not used: {idle}, of {first}." if idle else f"All {len(told)} seats whose use is seen are used."
    return light(what, "WARN" if idle else "PASS" if len(told) == len(judged) else "UNKNOWN", said, who)


def _give_back(one: Saving) -> Action:
    said = f"Ask the holders of {one.seats} unused seats of {one.entitlement}; give notice by {one.notice_on}."
    return Action("RECLAIM", one.entitlement, said, "low", amount(one.amount, one.currency), due=one.notice_on)
