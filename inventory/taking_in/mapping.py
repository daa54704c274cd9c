"""Which column is which field: the register's own names, those of others, or what a mapping file says.

A mapping file, all of it optional::

    columns: {Inventar-Nr.: tag, Farbe: extra.colour, Lfd. Nr.: skip}
    values: {state: {Im Regal: in_stock}}
    dates: dmy
    decimals: comma
    currency: EUR
    unknown: refuse
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from inventory.taking_in import money
from inventory.taking_in.headers import ASSETS, WEAKER, Names, plain
from inventory.taking_in.rows import shown
from ops.errors import InvalidRequest

SKIP = "skip"
EXTRA = "extra."
ELSE = "holder_else."  # a second column that says who has it, for the rows in which the first says nothing
AGAIN = re.compile(r" \(\d+\)$")  # what the table adds to a name that comes twice
MANY = ("macs", "notes")  # fields that can take in several columns
NEAR = 0.8  # how alike an unknown column's name must be to be asked about


@dataclass(frozen=True)
class Wishes:
    """What a person says about a file; empty means: look for yourself."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dates: str = ""
    decimals: str = ""
    currency: str = ""
    unknown: str = "keep"


@dataclass(frozen=True)
class Mapped:
    """Column → field for every column that is read, and the columns nobody knew, which are kept as ``extra.NAME``.

    ``fixed`` are the columns that a mapping file named, ``logon`` whether the holder's column holds logon names;
    ``said`` tells a person what was chosen.
    """

    fields: Mapping[str, str]
    unknown: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()
    logon: bool = False
    said: tuple[str, ...] = ()

    def column(self, name: str) -> str:
        """The first column of a field, empty text if there is none."""
        return next((column for column, field in self.fields.items() if field == name), "")


def mapped(
    columns: Sequence[str], wishes: Wishes | None = None, source: str = "the file", names: Names = ASSETS
) -> Mapped:
    """Map a table's columns to fields. Raise ``InvalidRequest`` where two would be one, or none is of use."""
    wishes = wishes or Wishes()
    choice = _Choice(names, source, _said(columns, wishes, source))
    for column in sorted((one for one in columns if one not in choice.found), key=choice.rank):
        choice.take(column)
    if choice.unknown and wishes.unknown == "refuse":
        raise _unknown(choice.unknown[0], source, names)
    unknown = tuple(column for column in columns if column in choice.unknown)
    found = {column: choice.found.get(column) or EXTRA + slug(column) for column in columns}
    _unambiguous(found, source)
    fields = {column: name for column, name in found.items() if name != SKIP}
    if not set(fields.values()) & set(names.fields):
        raise InvalidRequest(f"{source}: no column is known", hint="name them, or give a mapping file with --mapping")
    logon = 0 <= choice.best.get("holder", (WEAKER, ""))[0] < WEAKER
    return Mapped(fields, unknown, frozenset(wishes.columns) & set(columns), logon, tuple(choice.said))


class _Choice:
    """Columns on their way to fields, the best named first; a mapping file's words are settled already."""

    def __init__(self, names: Names, source: str, settled: Mapping[str, str]) -> None:
        self.names, self.source, self.found = names, source, dict(settled)
        self.best: dict[str, tuple[int, str]] = {name: (-1, column) for column, name in settled.items()}
        self.unknown: list[str] = []
        self.said: list[str] = []

    def rank(self, column: str) -> int:
        """How good a column's name is; 0 is best."""
        return self._known(column)[1]

    def _known(self, column: str) -> tuple[str, int]:
        return self.names.ranked.get(_bare(column), ("", 0))

    def take(self, column: str) -> None:
        """Give a column to its field, or say why it is not."""
        name, rank = self._known(column)
        if _bare(column) in self.names.hidden:
            self.found[column] = SKIP
            self.said.append(f"{column}: keys and passwords are not kept; the column is left out")
        elif not name:
            self.unknown.append(column)
        elif name not in self.best or name in MANY:
            self.found[column] = name
            self.best.setdefault(name, (rank, column))
            self._weak(column, name, rank)
        else:
            self._second(column, name, rank)

    def _weak(self, column: str, name: str, rank: int) -> None:
        if rank >= WEAKER and name in ("invoice", "purchased"):
            self.said.append(f"{column} is taken as {name}, as nothing else says it")

    def _second(self, column: str, name: str, rank: int) -> None:
        """Another column for a field that has a better named one."""
        best, first = self.best[name]
        if best == rank:
            raise _both(first, column, name, self.source)
        if name == "holder":
            self.found[column], kept = ELSE + slug(column), f"{column} counts where it is empty, and else is extra"
        elif name == "hostname" and rank >= WEAKER:
            self.found[column], kept = "notes", f"{column} goes to notes"
        else:
            kept = f"{column} is kept as extra"
        self.said.append(f"{first} is taken as {name.replace('_', ' ')}; {kept}")


def _bare(column: str) -> str:
    """A column's plain name without what a table adds to it, and without a currency: ``Preis (EUR)``."""
    name = plain(AGAIN.sub("", column))
    start, _, last = name.rpartition(" ")
    return start.removesuffix(" in") if start and last.upper() in money.CODES else name.removesuffix(" in")


def currency_in(columns: Iterable[str]) -> str:
    """The one currency that headers such as ``Preis (EUR)`` or ``Kosten in €`` name, else empty text."""
    found = set()
    for column in columns:
        words = re.split(r"[\s()\[\]/]+", column.strip())
        found |= {code for word in words[1:] if (code := money.SIGNS.get(word) or money.CODES & {word} and word)}
    return str(found.pop()) if len(found) == 1 else ""


def _said(columns: Sequence[str], wishes: Wishes, source: str) -> dict[str, str]:
    """What the mapping file says of the columns there are."""
    by_name = {plain(column): column for column in columns}
    said: dict[str, str] = {}
    for name, target in wishes.columns.items():
        column = name if name in columns else by_name.get(plain(name), "")
        if not column:
            near = get_close_matches(name, columns, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(columns)}"
            raise InvalidRequest(f"{source} has no column {shown(name)}, which the mapping names", hint=hint)
        said[column] = target
    _unambiguous(said, source)
    return said


def _unambiguous(found: Mapping[str, str], source: str) -> None:
    first: dict[str, str] = {}
    for column, name in found.items():
        if name in ("", SKIP, *MANY):
            continue
        if name in first:
            raise _both(first[name], column, name, source)
        first[name] = column


def _both(first: str, second: str, name: str, source: str) -> InvalidRequest:
    hint = f"a mapping file can skip one: columns: {{{second}: skip}}"
    return InvalidRequest(f"{source}: {first} and {second} would both be {name}", hint=hint)


def near_field(column: str, names: Names = ASSETS) -> str:
    """The field whose name an unknown column's name is nearly, empty text if none is."""
    near = get_close_matches(plain(column), names.ranked, 1, NEAR)
    return names.ranked[near[0]][0] if near else ""


def _unknown(column: str, source: str, names: Names) -> InvalidRequest:
    meant = near_field(column, names)
    hint = f"did you mean {meant}?" if meant else f"a mapping file can say: {column}: skip"
    return InvalidRequest(f"{source}: the column {shown(column)} is not known", hint=hint)


def slug(column: str) -> str:
    """A column's name as part of ``extra.NAME``."""
    return plain(column).replace(" ", "_") or "unnamed"


def wishes_from(path: Path, names: Names = ASSETS) -> Wishes:
    """Read a mapping file. Raise ``InvalidRequest`` with line and column for whatever is wrong in it."""
    from ops import regular_file, strictyaml

    text = regular_file.text(path)
    parsed = strictyaml.parse(text, _model(), path.name)
    read = strictyaml.document(text, path.name)
    for column, target in parsed.columns.items():
        if target not in names.all and target != SKIP and not re.fullmatch(r"extra\.\w{1,60}", target):
            near = get_close_matches(target, names.all, 1)
            listed = ", ".join(names.fields)
            hint = f"did you mean {near[0]}?" if near else f"a field, extra.NAME or skip; fields are {listed}"
            raise read.mistake(("columns", column), f"{target} is no field", hint)
    for name in parsed.values:
        if name not in names.all:
            near = get_close_matches(name, names.all, 1)
            raise read.mistake(("values", name), f"{name} is no field", f"did you mean {near[0]}?" if near else "")
    return Wishes(**parsed.model_dump())


def _model() -> Any:
    from typing import Literal

    from pydantic import BaseModel, ConfigDict

    class Mapping_(BaseModel):
        """The mapping file's shape."""

        model_config = ConfigDict(extra="forbid")
        columns: dict[str, str] = {}
        values: dict[str, dict[str, str]] = {}
        dates: Literal["", "ymd", "dmy", "mdy"] = ""
        decimals: Literal["", "comma", "point"] = ""
        currency: str = ""
        unknown: Literal["keep", "refuse"] = "keep"

    return Mapping_
