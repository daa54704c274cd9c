"""The last stock-take, five ways, and those before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from inventory.register.fields import Fields
from inventory.register.stocktake import RESULTS, Line, result
from inventory.register.stocktaking import counted, known
from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Column, Light, Table
from inventory.report.things import few

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

MEANT = {"found": "PASS", "misplaced": "WARN", "missing": "FAIL", "unexpected": "WARN", "repeated": "PASS"}
EACH = 20  # lines of one result that are an action each; more are one together
YEAR = 366  # days after which a stock-take says nothing any more
LINES = (
    *(Column("Result", "verdict", meaning=MEANT), Column("Tag or code", "id", 24), Column("Should be at", width=36)),
    *(Column("Was", width=36), Column("Scan", "integer", 10), Column("Photo SHA-256", "id", 24)),
)
TAKES = (
    *(Column("Stock-take", "id", 22), Column("Opened", "date"), Column("Closed", "date"), Column("By", width=18)),
    *(Column("Site", width=16), Column("Location", width=18), Column("Expected", "integer")),
    *(Column(word.capitalize(), "integer") for word in RESULTS),
)


def chapter(inputs: Inputs, seen: Snapshot) -> Chapter:
    """The sheets Stock-takes and Stock-take; of the last one all but what was found where it should be."""
    takes = sorted(seen.every("stocktake"), key=lambda pair: (pair[1]["opened"], pair[0]), reverse=True)
    name = takes[0][0].partition(":")[2] if takes else ""
    lines = result(counted(seen, name), known(seen)) if name else []
    numbers = Counter(line.result for line in lines)
    shown = sorted(
        (one for one in lines if one.result != "found"), key=lambda one: (RESULTS.index(one.result), one.asset)
    )
    note = (
        f"Of stock-take {name}: {numbers['found']:,} were found where they should be."
        if name
        else "Nothing was counted."
    )
    return Chapter(
        [
            Table("stocktake", "Stock-take", LINES, [_line(one) for one in shown], note),
            Table("stocktakes", "Stock-takes", TAKES, [_take(ref, one) for ref, one in takes]),
        ],
        lights=[_light(inputs, takes, numbers)],
        actions=list(_actions(name, shown)),
        gaps=[] if takes else ["Whether things are where they should be: nothing was counted (ops stocktake open)."],
        definitions=[
            Definition(
                "Stock-take results",
                "What became of each asset of a list frozen when the stock-take was opened, and of each code read.",
                "missing = on the list and not read; unexpected = read and not on the list",
                "Stock-take",
            )
        ],
        sources=[_source(takes)],
    )  # fmt: skip


def _line(one: Line) -> Sequence[object]:
    return one.result, one.asset, one.should, one.was, one.scan or None, one.photo


def _take(ref: str, one: Fields) -> Sequence[object]:
    numbers = (int(one[word]) if one.get(word) else None for word in ("expected", *RESULTS))
    places = (one.get("site", ""), one.get("location", ""))
    return ref.partition(":")[2], one["opened"], one.get("closed"), one.get("opened_by", ""), *places, *numbers


def _light(inputs: Inputs, takes: Sequence[tuple[str, Fields]], numbers: Counter[str]) -> Light:
    what, who = "Stock-take", inputs.responsible
    if not takes:
        return light(what, "UNKNOWN", "Nothing was ever counted.", who)
    name, last = takes[0][0].partition(":")[2], takes[0][1]
    ended = last.get("closed", "")
    if not ended:
        return light(what, "UNKNOWN", f"{name} is still open.", who)
    if _days(inputs, ended) > YEAR:
        return light(what, "UNKNOWN", f"The last one, {name}, is more than a year old.", who)
    said = ", ".join(f"{numbers[word]} {word}" for word in RESULTS[:4])
    word = "FAIL" if numbers["missing"] else "WARN" if numbers["misplaced"] or numbers["unexpected"] else "PASS"
    return light(what, word if numbers["found"] or word != "PASS" else "UNKNOWN", f"{name}: {said}.", who)


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
    }.get(one.result, f"{one.asset} was read and is {one.should}")
    severity = "high" if one.result == "missing" else "low"
    return Action("COUNT", f"{name} {one.result} {one.asset}", f"{said} ({name}).", severity)


def _source(takes: Sequence[tuple[str, Fields]]) -> Source:
    if not takes:
        return Source("Stock-take", None, reason="there was none: ops stocktake open")
    last = takes[0][1]
    ended = f"closed {last['closed']}" if last.get("closed") else "still open"
    said = f"{takes[0][0].partition(':')[2]}, opened {last['opened']}, {ended}"
    return Source("Stock-take", True if last.get("closed") else None, reason=said)
