"""What will be needed, and seats that could come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from inventory.licence.census import Estate
from inventory.licence.forecast import anniversary, forecast
from inventory.licence.position import Position
from inventory.licence.reclaim import IDLE, TRIAL, Candidate, Saving, candidates, savings
from inventory.register.snapshots import Wanted, required_since
from inventory.register.usage import excused, last_used
from inventory.report.appendix import Definition
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.licences.units import amount, counted_by, name
from inventory.report.parts import Column, Light, Table, Tile
from inventory.report.things import few, holder, largest, many

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

DAYS_BACK = 186  # six months of trend
JUDGED = {"unused": "WARN", "used": "PASS", "excused": "PASS", "too new": "PASS", "cannot tell": "UNKNOWN"}
FORECAST = (
    *(Column("Product", "id", 28), Column("Counted by", width=18), Column("By", "date")),
    *(Column(title, "integer", 10) for title in ("Effective", "Low", "Mid", "High", "To buy (mid)")),
    Column("Because", "note", 56),
)
Past = Mapping[Wanted, Sequence[tuple[date, int]]]
RECLAIM = (
    *(Column("Holder", width=26), Column("Licence", "id", 18), Column("Product", "id", 26)),
    *(Column("Seats", "integer", 10, total=True), Column("Verdict", "verdict", 14, meaning=JUDGED)),
    *(Column("Because", width=44), Column("Saves if given back by", "due", 22)),
)  # fmt: skip


def forecasting(inputs: Inputs, seen: Snapshot, estate: Estate, found: Sequence[Position]) -> Chapter:
    """The sheet Forecast."""
    past = required_since(seen, estate.as_of - timedelta(days=DAYS_BACK))
    begins = {line.product: line.starts for line in estate.entitlements}
    rows = [_forecast(inputs, estate, one, begins, past) for one in found if one.status != "PROHIBITED"]
    note = "By the next anniversary. Low and high are the quartiles of the trend; too few months are no trend."
    return Chapter(
        [Table("forecast", "Forecast", FORECAST, rows, note)],
        definitions=[
            Definition("Forecast", "What will be required on the anniversary.",
                       "required + dated joiners - dated leavers + trend of six months (Theil-Sen slope)", "Forecast"),
        ],
    )  # fmt: skip


def _forecast(
    inputs: Inputs,
    estate: Estate,
    one: Position,
    begins: Mapping[str, date],
    past: Past,
) -> Sequence[object]:
    end = anniversary(begins.get(one.key.product, inputs.today), inputs.today)
    key = name(estate, one.key.product), counted_by(one.key.metric, one.key.scope), end, one.effective
    if one.required is None or one.verdict == "UNKNOWN":
        return *key, *[None] * 4, "not evaluated: what is needed today is not known, so nothing can be foretold"
    moves = (inputs.joins, inputs.leaves) if one.key.metric == "named-user" else ((), ())
    joins, leaves = ([(date.fromisoformat(when), 1) for when in some] for some in moves)
    history = past.get((one.key.product, one.key.metric, one.key.scope), ())
    made = forecast(one.required, inputs.today, end, joins, leaves, history)
    return *key, made.low, made.mid, made.high, made.to_buy(one.effective)[1], made.because


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
        [Table("reclaim", "Reclaim candidates", RECLAIM, [_candidate(estate, one) for one in judged], note)],
        tiles=[
            Tile("Seats not used", idle if told else None),
            Tile("Saved if given back", _saved(saved) if told else None, "money"),
        ],
        lights=[_reclaim(inputs, judged, told, idle)],
        actions=[_give_back(one) for one in saved if one.amount],
        gaps=[] if told or not judged else ["Use of seats: no inventory tells when software was last used."],
        definitions=[
            Definition("Unused seat", "A seat whose use can be seen, and was not seen.",
                       f"last used more than {IDLE} days ago, or never and held for more than {TRIAL}", "Reclaim"),
        ],
    )  # fmt: skip


def _candidate(estate: Estate, one: Candidate) -> Sequence[object]:
    seat = one.allocation
    words = holder(seat.holder), seat.entitlement, name(estate, one.product), seat.qty
    return *words, one.verdict.replace("-", " "), one.because, one.saves_on


def _saved(found: Sequence[Saving]) -> object:
    sums: dict[str, Decimal] = {}
    for one in found:
        if money := amount(one.amount, one.currency):
            sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return largest(sums)


def _reclaim(inputs: Inputs, judged: Sequence[Candidate], told: Sequence[Candidate], idle: int) -> Light:
    what, who = "Unused seats", inputs.responsible
    if not told:
        said = (
            f"Of {many(len(judged), 'open seat')} the use of none can be seen." if judged else "No seat is given out."
        )
        return light(what, "UNKNOWN", said, who)
    first = few(dict.fromkeys(one.allocation.entitlement for one in judged if one.verdict == "unused"))
    said = f"Seats not used: {idle}, of {first}." if idle else f"All {len(told)} seats whose use is seen are used."
    return light(what, "WARN" if idle else "PASS" if len(told) == len(judged) else "UNKNOWN", said, who)


def _give_back(one: Saving) -> Action:
    said = f"Ask the holders of {many(one.seats, 'unused seat')} of {one.entitlement}; give notice by {one.notice_on}."
    return Action("RECLAIM", one.entitlement, said, "low", amount(one.amount, one.currency), due=one.notice_on)
