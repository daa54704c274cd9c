"""The last stock-take, five ways and what became of it since, and those before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inventory.register.fields import Fields
from inventory.register.stocktake import RESULTS, Line, place_of, result, same_place
from inventory.register.stocktaking import counted, known
from inventory.report.appendix import Definition, Source
from inventory.report.assets.trail import Trail
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Column, Light, Table
from inventory.report.things import few, state, what

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

SETTLED, NEVER = "settled", "Nothing was ever counted."
MEANT = {
    **{"found": "PASS", "misplaced": "WARN", "missing": "FAIL", "unexpected": "WARN", "repeated": "PASS"},
    SETTLED: "PASS",
}
EACH = 20  # lines of one result that are an action each; more are one together
YEAR = 366  # days after which a stock-take says nothing any more
LINES = (
    *(Column("Result", "verdict", meaning=MEANT), Column("Tag or code", "note", 24), Column("What", width=28)),
    *(Column("Should be at", "note", 24), Column("Was read at", "note", 22), Column("What it means", "note", 32)),
    *(Column("Scan", "integer", 8), Column("Photo SHA-256", "note", 22)),
)
TAKES = (
    *(Column("Stock-take", "id", 22), Column("Opened", "date"), Column("Closed", "date"), Column("By", width=18)),
    *(Column("Site", width=16), Column("Location", width=18), Column("Expected", "integer", 12)),
    *(Column(word.capitalize(), "integer", 12) for word in RESULTS),
)


@dataclass
class Taken:
    """The stock-take that is told, its lines, and what is known now of the assets in them."""

    takes: Sequence[tuple[str, Fields]]
    name: str = ""
    lines: Sequence[Line] = ()
    wanted: frozenset[str] = frozenset()
    now: dict[str, Fields] = field(default_factory=dict)

    def take(self, tag: str, one: Fields) -> None:
        """Keep an asset that stands in a line."""
        if tag in self.wanted:
            self.now[tag] = one

    @property
    def closed(self) -> bool:
        """Whether it has ended, so that what was not read is missing."""
        return any(name == f"stocktake:{self.name}" and one.get("closed") for name, one in self.takes)


def last(seen: Snapshot) -> Taken:
    """The stock-take to tell: the last that was closed, or, if none was, the last that was opened."""
    takes = sorted(seen.every("stocktake"), key=lambda pair: (pair[1]["opened"], pair[0]), reverse=True)
    if not takes:
        return Taken(takes)
    ref = next((ref for ref, one in takes if one.get("closed")), takes[0][0])
    name = ref.partition(":")[2]
    lines = result(counted(seen, name), known(seen))
    return Taken(takes, name, lines, frozenset(one.asset for one in lines if one.result != "found"))


def chapter(inputs: Inputs, taken: Taken, trail: Trail) -> Chapter:
    """The sheets Stock-takes and Stock-take; of the last one all but what was found where it should be."""
    numbers = Counter(one.result for one in taken.lines)
    shown = sorted(
        (one for one in taken.lines if one.result != "found"), key=lambda one: (RESULTS.index(one.result), one.asset)
    )
    words = [_word(taken, trail, one) for one in shown]
    open_ = [one for one, word in zip(shown, words, strict=True) if word in ("missing", "misplaced", "unexpected")]
    takes, note = [_take(trail, ref, one) for ref, one in taken.takes], _note(taken, numbers)
    rows = [_line(taken, one, word) for one, word in zip(shown, words, strict=True)]
    return Chapter(
        [
            Table("stocktake", "Stock-take", LINES, rows, note, note),
            Table("stocktakes", "Stock-takes", TAKES, takes, empty=NEVER),
        ],
        lights=[_light(inputs, taken, numbers, Counter(words))],
        actions=list(_actions(taken.name, open_)) if taken.closed else [],
        gaps=[] if taken.takes else ["Whether things are where they should be: nothing was counted (ops stocktake)."],
        definitions=[
            Definition(
                "Stock-take results",
                "What became of each asset of a list frozen when the stock-take was opened, and of each code read.",
                "missing = on the list and not read; unexpected = read and not on the list; settled = missing or "
                "misplaced, and handled since",
                "Stock-take",
            )
        ],
        sources=[_source(taken)],
    )  # fmt: skip


def _word(taken: Taken, trail: Trail, one: Line) -> str:
    """Its result, or that somebody has dealt with it since."""
    now = taken.now.get(one.asset, {})
    if one.result == "missing" and now.get("state") != "missing" and trail.since(one.asset, taken.name):
        return SETTLED
    there = one.result == "misplaced" and same_place(one.was, place_of(now))
    return SETTLED if there or (one.result == "misplaced" and trail.since(one.asset, taken.name)) else one.result


def _note(taken: Taken, numbers: Counter[str]) -> str:
    if not taken.name:
        return NEVER
    more = "" if taken.closed else " It is still open: what is missing may only not have been read yet."
    return f"Of stock-take {taken.name}: {numbers['found']:,} were found where they should be.{more}"


def _line(taken: Taken, one: Line, word: str) -> Sequence[object]:
    now = taken.now.get(one.asset, {})
    should = place_of(now) if one.result == "unexpected" else one.should
    repeated = one.result == "repeated"
    return word, one.asset, what(now), should, "" if repeated else one.was, _means(one, word, now), one.scan or None, \
        one.photo  # fmt: skip


def _means(one: Line, word: str, now: Fields) -> str:
    if word == SETTLED:
        place = f" at {place_of(now)}" if place_of(now) else ""
        return f"was {one.result}; is now {state(now)}{place}" if now else f"was {one.result}; is no longer there"
    if one.result == "unexpected":
        return one.should
    return one.was if one.result == "repeated" else ""


def _take(trail: Trail, ref: str, one: Fields) -> Sequence[object]:
    numbers = (int(one[word]) if one.get(word) else None for word in ("expected", *RESULTS))
    name = ref.partition(":")[2]
    who = one.get("opened_by") or trail.by.get(name, "")
    return name, one["opened"], one.get("closed"), who, one.get("site", ""), one.get("location", ""), *numbers


def _light(inputs: Inputs, taken: Taken, numbers: Counter[str], open_: Counter[str]) -> Light:
    subject, who = "Stock-take", inputs.responsible
    if not taken.takes:
        return light(subject, "UNKNOWN", NEVER, who)
    if not taken.closed:
        return light(subject, "UNKNOWN", f"{taken.name} is still open.", who)
    ended = next(one["closed"] for ref, one in taken.takes if ref == f"stocktake:{taken.name}")
    if _days(inputs, ended) > YEAR:
        return light(subject, "UNKNOWN", f"The last one, {taken.name}, is more than a year old.", who)
    settled = f", {open_[SETTLED]} settled since" if open_[SETTLED] else ""
    each = (("found", numbers), ("misplaced", open_), ("missing", open_), ("unexpected", open_))
    said = ", ".join(f"{some[word]} {word}" for word, some in each) + settled
    word = "FAIL" if open_["missing"] else "WARN" if open_["misplaced"] or open_["unexpected"] else "PASS"
    none = word == "PASS" and not numbers["found"] and not open_[SETTLED]
    return light(subject, "UNKNOWN" if none else word, f"{taken.name}: {said}.", who)


def _days(inputs: Inputs, day: str) -> int:
    from datetime import date

    return (inputs.today - date.fromisoformat(day)).days


def _actions(name: str, shown: Sequence[Line]) -> Iterator[Action]:
    """One for each line; where there are many of one result, one for all of them."""
    for word in ("missing", "misplaced", "unexpected"):
        some = [one for one in shown if one.result == word]
        if len(some) <= EACH:
            yield from (_action(name, one) for one in some)
        else:
            said = f"Stock-take {name}: {len(some)} {word}, such as {few(one.asset for one in some)}; see Stock-take."
            yield Action("COUNT", f"{name} {word}", said, "high" if word == "missing" else "low")


def _action(name: str, one: Line) -> Action:
    said = {
        "missing": f"{one.asset} was not found at {one.should or 'its place'}",
        "misplaced": f"{one.asset} should be at {one.should or 'its place'} and was read at {one.was}",
    }.get(one.result, f"{one.asset} was read{f' at {one.was}' if one.was else ''}; it is {one.should}")
    severity = "high" if one.result == "missing" else "low"
    return Action("COUNT", f"{name} {one.result} {one.asset}", f"{said} ({name}).", severity)


def _source(taken: Taken) -> Source:
    if not taken.name:
        return Source("Stock-take", None, reason="there was none: ops stocktake open")
    one = next(one for ref, one in taken.takes if ref == f"stocktake:{taken.name}")
    ended = f"closed {one['closed']}" if taken.closed else "still open"
    return Source("Stock-take", taken.closed or None, reason=f"{taken.name}, opened {one['opened']}, {ended}")
