"""The values of a table, read by their column's kind once, so that every kind of file says the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from inventory.report.money import Money
from inventory.report.parts import VERDICTS, Column, Link, Plain, Table
from inventory.report.text import one_line, printable
from ops.errors import InvalidRequest

DIGITS = 15  # significant decimal digits a spreadsheet's number keeps
NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
LIMIT = Decimal(10) ** DIGITS
NOTHING: Mapping[str, str] = {"verdict": "UNKNOWN"}  # what is said where nothing is known; elsewhere the cell is empty


@dataclass
class Counts:
    """What stands in one table: its rows, and the exact sum of each numeric column, money by currency.

    The keys of ``sums`` are column titles, with the currency after it for money; ``missing`` counts the cells of
    numeric columns that hold no value. Two are equal if rows and sums are.
    """

    rows: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter, compare=False)

    def add(self, columns: Sequence[Column], values: Sequence[Plain]) -> None:
        """Take one row of numeric columns into account."""
        self.rows += 1
        for column, value in zip(columns, values, strict=True):
            if value is None:
                self.missing[column.title] += 1
            elif isinstance(value, Money):
                self.count(f"{column.title} {value.currency}", value.amount)
            elif isinstance(value, (int, Decimal)):
                self.count(column.title, Decimal(value))

    def count(self, key: str, number: Decimal) -> None:
        """Add to one sum."""
        self.sums[key] = self.sums.get(key, Decimal(0)) + number


def typed(table: Table) -> Iterator[tuple[Plain, ...]]:
    """A table's rows with values of their columns' kinds. Raise ``InvalidRequest`` that names row and column."""
    readers = [(column, READERS[column.kind], NOTHING.get(column.kind)) for column in table.columns]
    for number, row in enumerate(table.each(), 1):
        if len(row) != len(readers):
            message = f"table {table.name} row {number} has {len(row)} values for {len(readers)} columns"
            raise InvalidRequest(message, hint="give one value a column, None if not known")
        cells = zip(readers, row, strict=True)
        try:
            values = tuple(
                [nothing if raw is None or raw == "" else read(column, raw) for (column, read, nothing), raw in cells]
            )
        except InvalidRequest:
            raise _wrong(table, number, row) from None
        if not any(values) and all(value in (None, "") for value in values):
            raise InvalidRequest(f"table {table.name} row {number} is empty", hint="leave it out")
        yield values


def value_of(column: Column, raw: object) -> Plain:
    """One value by its column's kind; ``None`` or an empty text is none. Raise ``InvalidRequest``."""
    return None if raw is None or raw == "" else READERS[column.kind](column, raw)


def verdict_of(column: Column, word: object) -> str:
    """Which of ``VERDICTS`` a word of a verdict column counts as; what nobody explained is UNKNOWN."""
    text = str(word or "")
    found = column.meaning.get(text, text.upper())
    return found if found in VERDICTS else "UNKNOWN"


def _wrong(table: Table, number: int, row: Sequence[object]) -> InvalidRequest:
    """What is wrong with the first wrong value of a row, and where it stands."""
    for column, raw in zip(table.columns, row, strict=True):
        try:
            value_of(column, raw)
        except InvalidRequest as error:
            message = f"table {table.name} row {number}, {column.title}: {error}"
            return InvalidRequest(message, hint=error.hint)
    raise AssertionError(f"no value of row {number} is wrong")


def _text(_column: Column, raw: object) -> Plain:
    if not isinstance(raw, str):
        raise InvalidRequest(f"{_shown(raw)} is no text", hint="turn it into text, or use another kind of column")
    return raw if raw.isprintable() else printable(raw)


def _link(column: Column, raw: object) -> Plain:
    return Link(printable(raw.text), raw.to) if isinstance(raw, Link) else _text(column, raw)


def _integer(_column: Column, raw: object) -> Plain:
    if type(raw) is int and -(10**DIGITS) < raw < 10**DIGITS:
        return raw
    number = _number(raw)
    if number != number.to_integral_value():
        raise InvalidRequest(f"{_shown(raw)} is no whole number", hint="use kind decimal")
    return int(_fitting(number))


def _decimal(column: Column, raw: object) -> Plain:
    return _rounded(raw, column.places)


def _percent(column: Column, raw: object) -> Plain:
    return _rounded(raw, column.places + 2)


def _money(_column: Column, raw: object) -> Plain:
    if not isinstance(raw, Money):
        raise InvalidRequest(f"{_shown(raw)} has no currency", hint='use money("1299.00", "EUR")')
    _fitting(raw.amount)
    return raw


def _rounded(raw: object, places: int) -> Decimal:
    """Halves go to the even neighbour; what is summed is what is shown."""
    return _fitting(_number(raw).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN))


def _fitting(number: Decimal) -> Decimal:
    """The number, if a spreadsheet keeps all its digits; more would be changed silently."""
    long = len(number.as_tuple().digits) > DIGITS and len(number.normalize().as_tuple().digits) > DIGITS
    if long or abs(number) >= LIMIT:
        raise InvalidRequest(f"{number} has more than {DIGITS} digits", hint="if it is an identifier, use kind id")
    return number


def _number(raw: object) -> Decimal:
    number = _exact(raw)
    if number is None or not number.is_finite():
        raise InvalidRequest(f"{_shown(raw)} is no number", hint="give a number, or None if it is not known")
    if abs(number) >= LIMIT:
        raise InvalidRequest(f"{_shown(raw)} has more than {DIGITS} digits", hint="an identifier is of kind id")
    return number


def _exact(raw: object) -> Decimal | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, (int, Decimal)):
        return Decimal(raw)
    if isinstance(raw, float):
        return Decimal(repr(raw))
    return Decimal(raw) if isinstance(raw, str) and NUMBER.fullmatch(raw) else None


def _date(_column: Column, raw: object) -> Plain:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(str(raw) if DAY.fullmatch(str(raw)) else "")
    except ValueError:
        raise InvalidRequest(f"{_shown(raw)} is no date", hint="write it as YYYY-MM-DD") from None


def _datetime(_column: Column, raw: object) -> Plain:
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
    except ValueError:
        raise InvalidRequest(f"{_shown(raw)} is no time", hint="write it as 2026-11-22T10:00:00Z") from None
    if moment.tzinfo is None:
        raise InvalidRequest(f"{_shown(raw)} has no time zone", hint="use UTC")
    return moment.astimezone(UTC).replace(microsecond=0)


def _shown(raw: object) -> str:
    """A wrong value as it may stand in a message."""
    return repr(one_line(str(raw), 40))


Reader = Callable[[Column, object], Plain]
READERS: Mapping[str, Reader] = {
    **dict.fromkeys(("text", "id", "note", "verdict"), _text),
    **{"integer": _integer, "decimal": _decimal, "money": _money, "percent": _percent},
    **{"date": _date, "due": _date, "datetime": _datetime, "link": _link},
}
