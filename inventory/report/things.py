"""Words and numbers about assets that every sheet says in the same way."""

from __future__ import annotations

import marshal
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice

from inventory.register.fields import Fields
from inventory.register.search import book_value
from inventory.report.money import Money, money

LOST = ("lost", "stolen")
OWNED = ("received", "in_stock", "deployed", "on_loan", "in_repair", "missing", "retired", "sanitised")  # on the books
PACK = 500  # assets
Asset = tuple[str, Fields]


class Kept:
    """All assets, read once and packed, so that every sheet goes through them again without asking the database."""

    def __init__(self) -> None:
        self._packs: list[tuple[set[str], bytes]] = []  # which states are in it, and the assets

    def along(self, things: Iterable[tuple[str, Fields]]) -> Iterator[Asset]:
        """Tag and fields of the assets of the register, each packed on its way."""
        rows = ((ref.partition(":")[2], one) for ref, one in things)
        while some := list(islice(rows, PACK)):
            states = {one.get("state", "") for _, one in some}
            self._packs.append((states, zlib.compress(marshal.dumps(some), 1)))
            yield from some

    def each(self, state: str = "") -> Iterator[Asset]:
        """The same again, or those in one state, one at a time."""
        for states, pack in self._packs:
            if not state or state in states:
                some: list[Asset] = marshal.loads(zlib.decompress(pack))  # noqa: S302  # this process packed it
                yield from (pair for pair in some if pair[1].get("state") == state) if state else some


def assets(kept: Kept, state: str = "") -> Iterator[Asset]:
    """Tag and fields of all assets, or of those in one state, one at a time."""
    return kept.each(state)


def what(one: Fields) -> str:
    """Kind, maker and model."""
    return " ".join(filter(None, (one.get("kind"), one.get("maker"), one.get("model"))))


def model(one: Fields, unknown: str = "unknown") -> str:
    """Maker and model, or what is said if neither is known."""
    return " ".join(filter(None, (one.get("maker"), one.get("model")))) or unknown


def state(one: Fields) -> str:
    """Its state as people say it."""
    return one.get("state", "").replace("_", " ")


def place(one: Fields) -> str:
    """Where it is."""
    return " / ".join(one[name] for name in ("site", "location") if one.get(name))


def holder(text: str) -> str:
    """Who or what has it, without the word by which the register tells people, places and assets apart."""
    word, colon, name = text.partition(":")
    return name if colon and word in ("person", "location", "asset") else text


def many(number: int, one: str, more: str = "") -> str:
    """A number with its noun: ``1 asset``, ``2 assets``."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def day(one: Fields, name: str) -> date | None:
    """A day of it."""
    return date.fromisoformat(one[name]) if one.get(name) else None


def cost(one: Fields) -> Money | None:
    """What it cost."""
    return money(one.get("cost", ""), one.get("currency", ""))


def worth(one: Fields, on: date) -> Money | None:
    """Its book value on a day; nothing if it is not on the books, or cost, purchase or life is not known."""
    found = book_value(one, on) if one.get("state") in OWNED else ""
    return money(found, one.get("currency", ""))


def add(left: Money | None, right: Money | None) -> Money | None:
    """Two amounts of one currency; what is not known adds nothing."""
    if left is None or right is None:
        return left or right
    return Money(left.amount + right.amount, left.currency)


def sums_of(sums: dict[str, Decimal]) -> str:
    """Sums by currency in words, by the currency's letters."""
    return " and ".join(f"{amount:,} {currency}" for currency, amount in sorted(sums.items()))


def largest(sums: dict[str, Decimal]) -> Money | None:
    """Of sums by currency the largest, ties by the currency's letters; nothing if there is none."""
    found = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    return Money(found[0][1], found[0][0]) if found else None


def few(tags: Iterable[str], most: int = 3) -> str:
    """Some names and how many more."""
    listed = list(tags)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def tally(rows: Iterable[Asset], *collectors: Callable[[str, Fields], None]) -> Counter[str]:
    """Show every asset to every collector once; how many there are in each state."""
    states: Counter[str] = Counter()
    for tag, one in rows:
        states[one.get("state", "")] += 1
        for collect in collectors:
            collect(tag, one)
    return states
