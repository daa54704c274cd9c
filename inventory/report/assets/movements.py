"""What came onto the books and what left them, month by month, from the history: opening + in - out = closing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from inventory.register.chain import START, Happened, sealed
from inventory.report.appendix import Definition
from inventory.report.chapter import Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Column, Light, Table
from inventory.report.things import OWNED

MONTHS = 12
IN = ("entered", "delivered", "found again")
OUT = ("disposed", "lost", "stolen", "taken back", "given up")
OF_STATE = {"disposed": "disposed", "lost": "lost", "stolen": "stolen"}


@dataclass
class Month:
    """One month: how many assets were on the books when it began, what moved, and how many when it ended.

    ``closing`` is counted from the assets themselves as they stood then, and not from what moved.
    """

    first: date
    opening: int
    moved: Counter[str] = field(default_factory=Counter)
    closing: int = 0

    @property
    def difference(self) -> int:
        """Opening + in - out - closing, which is 0."""
        came, went = (sum(self.moved[word] for word in words) for words in (IN, OUT))
        return self.opening + came - went - self.closing


@dataclass
class Books:
    """The history read once: the months, and where the chain of hashes breaks, if it does."""

    months: list[Month]
    broken: str = ""
    events: int = 0
    first: str = ""  # the day of the first event

    @property
    def told(self) -> list[Month]:
        """The months in which there was a register; before it there was nothing to check."""
        return [one for one in self.months if self.first and f"{one.first:%Y-%m}" >= self.first[:7]]


def month_starts(today: date, count: int = MONTHS) -> list[date]:
    """The first days of the last months, this one last."""
    number = today.year * 12 + today.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(number - count + 1, number + 1)]


def movement(happened: Happened) -> str:
    """How an event moves its asset on or off the books; empty if it does not."""
    before, after = ((one or {}).get("state", "") for one in (happened.before, happened.after))
    if (before in OWNED) == (after in OWNED):
        return ""
    if after in OWNED:
        return "entered" if not before else "found again" if before in OF_STATE else "delivered"
    return "taken back" if not after else OF_STATE.get(after, "given up")


def books(history: Iterable[Happened], firsts: Sequence[date]) -> Books:
    """Go through the whole history once; what is before the first month is its opening."""
    found = Books([Month(firsts[0], 0)])
    owned: set[str] = set()
    starts = [first.isoformat() for first in firsts]
    last, begun = START, 0
    for happened in history:
        found.events += 1
        found.first = found.first or happened.at[:10]
        found.broken = found.broken or _wrong(happened, last, found.events)
        last = happened.hash
        while begun + 1 < len(firsts) and happened.at[:10] >= starts[begun + 1]:
            begun += 1
            _turn(found.months, firsts[begun], len(owned))
        if happened.ref.startswith("asset:"):
            _move(found.months[-1], happened, owned, counts=happened.at[:10] >= starts[0])
    for first in firsts[begun + 1 :]:
        _turn(found.months, first, len(owned))
    found.months[-1].closing = len(owned)
    return found


def _wrong(happened: Happened, last: str, number: int) -> str:
    holds = happened.number == number and happened.previous == last and sealed(happened) == happened.hash
    return "" if holds else f"event {happened.number} ({happened.ref})"


def _turn(months: list[Month], first: date, owned: int) -> None:
    months[-1].closing = owned
    months.append(Month(first, owned))


def _move(month: Month, happened: Happened, owned: set[str], counts: bool) -> None:
    """The set follows what the thing is, the count what the step was: two ways to the same number."""
    if (happened.after or {}).get("state") in OWNED:
        owned.add(happened.ref)
    else:
        owned.discard(happened.ref)
    if not counts:
        month.opening = len(owned)
    elif word := movement(happened):
        month.moved[word] += 1


def chapter(inputs: Inputs, found: Books, counted: int, beside: str = "") -> Chapter:
    """The sheet; ``counted`` is how many assets the register itself says are on the books, ``beside`` the others."""
    columns = (
        *(Column("Month", "id", 12), Column("Opening", "integer")),
        *(Column(word.capitalize(), "integer", total=True) for word in (*IN, *OUT)),
        *(Column("Closing", "integer"), Column("Difference", "integer"), Column("Self-check", "verdict")),
    )
    note = f"Last closing {found.months[-1].closing:,}; the register holds {counted:,} on the books."
    note += f" It begins on {found.first}, and so do these months." if len(found.told) < MONTHS else ""
    note += f"\nNever on the books, or not yet: {beside}." if beside else ""
    return Chapter(
        [Table("movements", "Movements", columns, list(_rows(found.told)), note, "Nothing was ever entered.")],
        lights=[_light(inputs, found, counted)],
        definitions=[
            Definition(
                "Opening, in, out, closing",
                "Assets on the books. In: entered, delivered, found again. Out: disposed, lost, stolen, taken back.",
                "opening + in - out = closing; closing is counted anew from the assets' states",
                "the register's history",
            )
        ],
    )


def _light(inputs: Inputs, found: Books, counted: int) -> Light:
    what, who = "History and movements", inputs.responsible
    if not found.events:
        return light(what, "UNKNOWN", "Nothing was ever entered.", who)
    if found.broken:
        return light(what, "FAIL", f"The hashes of the history do not hold: {found.broken}.", who)
    if any(month.difference for month in found.months) or found.months[-1].closing != counted:
        return light(what, "FAIL", "The months do not add up to what the register holds.", who)
    return light(what, "PASS", f"The hashes of {found.events:,} events hold; opening + in - out = closing.", who)


def _rows(months: Sequence[Month]) -> Iterator[tuple[object, ...]]:
    for month in months:
        moved = (month.moved[word] for word in (*IN, *OUT))
        word = "FAIL" if month.difference else "PASS"
        yield f"{month.first:%Y-%m}", month.opening, *moved, month.closing, month.difference, word
