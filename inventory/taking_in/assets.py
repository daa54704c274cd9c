"""Assets out of a table: once through it to learn how its days and amounts are written, and again to take them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inventory.currency import places as places_of
from inventory.taking_in import money, wording
from inventory.taking_in.dates import DateOrder
from inventory.taking_in.headers import ASSETS, Names
from inventory.taking_in.mapping import Mapped, Wishes, currency_in, mapped, near_field
from inventory.taking_in.money import DecimalSign
from inventory.taking_in.repeats import Repeats
from inventory.taking_in.rows import Mistake, Options, Row, Table, Taken, shown
from inventory.taking_in.table import open_table
from inventory.taking_in.values import DATES, MONEY, Reading, taken
from ops.errors import InvalidRequest


@dataclass(frozen=True)
class AssetTable:
    """A table of assets with everything that was decided about it; ``said`` tells a person."""

    table: Table
    mapping: Mapped
    reading: Reading
    repeats: Repeats
    said: tuple[str, ...]

    def assets(self) -> Iterator[Taken | Mistake]:
        """Every asset, and every mistake, in the file's order. A tag, serial or UUID is taken once only."""
        first: dict[int, int] = {}
        for row in self.table.rows():
            found = row if isinstance(row, Mistake) else taken(row, self.reading)
            if isinstance(found, tuple):
                yield from found
            elif isinstance(found, Taken) and isinstance(row, Row) and (keys := self.repeats.of(row)):
                yield self._once(row, found, keys, first)
            else:
                yield found

    def _once(self, row: Row, found: Taken, keys: Mapping[str, int], first: dict[int, int]) -> Taken | Mistake:
        keys = {name: key for name, key in keys.items() if name in found.fields}  # a placeholder is not taken
        for name, key in keys.items():
            if key in first:
                column = self.mapping.column(name)
                return Mistake(row.number, f"the same {name} stands in line {first[key]}", row.cells[column], column)
        first.update(dict.fromkeys(keys.values(), row.number))
        return found


def open_assets(path: Path, options: Options | None = None, wishes: Wishes | None = None) -> AssetTable:
    """Read a table's columns, and how its days and amounts are written, over all its rows.

    Raise ``InvalidRequest`` where a column cannot be understood in one way only; the hint is the option that says it.
    """
    wishes = wishes or Wishes()
    table = open_table(path, options)
    surveyed = survey(table, mapped(table.columns, wishes, path.name), wishes)
    return AssetTable(table, surveyed.mapping, surveyed.reading, surveyed.repeats, (*table.said, *surveyed.said))


@dataclass(frozen=True)
class Surveyed:
    """What one look at every row tells: the columns' fields, how their cells are written, what stands there twice."""

    mapping: Mapped
    reading: Reading
    repeats: Repeats
    said: tuple[str, ...]


def survey(table: Table, mapping: Mapped, wishes: Wishes, names: Names = ASSETS) -> Surveyed:
    """Look at every row once. Raise ``InvalidRequest`` where days or amounts can be read in two ways, or in none."""
    name = table.path.name
    said_currency = wishes.currency or currency_in(column for column, field in mapping.fields.items() if field in MONEY)
    currency = money.check_code(said_currency) if said_currency else ""
    places = places_of(currency)
    orders = {field: DateOrder(column) for field in DATES if (column := mapping.column(field))}
    signs = {field: DecimalSign(column, places) for field in MONEY if (column := mapping.column(field))}
    repeats = Repeats({field: column for column, field in mapping.fields.items()})
    seen = wording.watched(mapping)
    _look(table, [*orders.values(), *signs.values(), *seen.values()], repeats)
    mapping = wording.settled(mapping, seen)
    for each in signs.values():
        if each.bare and not currency and not mapping.column("currency"):
            told = f"{name}: {each.column}: {shown(each.bare[1])} in line {each.bare[0]} has no currency"
            raise InvalidRequest(told, hint="say --currency EUR, or which it is")
    reading = Reading(
        mapping.fields,
        {field: wishes.dates or one.decided(name) for field, one in orders.items()},
        {field: wishes.decimals or one.decided(name) for field, one in signs.items()},
        currency,
        wishes.values,
        mapping.logon,
    )
    said = (*_told(mapping, reading, names), *wording.told(mapping, seen, wishes.values))
    return Surveyed(mapping, reading, repeats, said)


def _look(table: Table, watched: Sequence[DateOrder | DecimalSign | wording.Words], repeats: Repeats) -> None:
    for row in table.rows():
        if isinstance(row, Row):
            repeats.see(row)
            for one in watched:
                one.see(row.number, row.cells[one.column])
    repeats.settle()


def _told(mapping: Mapped, reading: Reading, names: Names) -> Iterator[str]:
    for field, order in reading.orders.items():
        if (column := mapping.column(field)) and order != "ymd":
            yield f"{column}: days are written {order}"
    for field, sign in reading.decimals.items():
        if (column := mapping.column(field)) and sign != "point":
            yield f"{column}: decimals are parted by a {sign}"
    yield from mapping.said
    if mapping.unknown:
        near = {column: near_field(column, names) for column in mapping.unknown}
        listed = ", ".join(f"{column} (perhaps {name})" if name else column for column, name in near.items())
        yield f"columns not known, kept as extra: {listed}"
