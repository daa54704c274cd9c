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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from inventory.taking_in.headers import FIELDS, HELPING, SECOND, SYNONYMS, plain
from inventory.taking_in.rows import shown
from ops.errors import InvalidRequest

SKIP = "skip"
EXTRA = "extra."
AGAIN = re.compile(r" \(\d+\)$")  # what the table adds to a name that comes twice
ALL = (*FIELDS, *HELPING)


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
    """Column → field for every column that is read, and the columns nobody knew, which are kept as ``extra.NAME``."""

    fields: Mapping[str, str]
    unknown: tuple[str, ...] = ()

    def column(self, name: str) -> str:
        """The column of a field, empty text if there is none."""
        return next((column for column, field in self.fields.items() if field == name), "")


def mapped(columns: Sequence[str], wishes: Wishes | None = None, source: str = "the file") -> Mapped:
    """Map a table's columns to fields. Raise ``InvalidRequest`` where two would be one, or none is of use."""
    wishes = wishes or Wishes()
    said = _said(columns, wishes, source)
    found: dict[str, str] = {}
    for column in columns:
        known = SYNONYMS.get(plain(AGAIN.sub("", column)), "")
        found[column] = said.get(column, known)
    found |= _second_choices(found)
    _unambiguous(found, source)
    unknown = tuple(column for column in columns if not found[column])
    if unknown and wishes.unknown == "refuse":
        raise _unknown(unknown[0], source)
    found |= {column: EXTRA + _slug(column) for column in unknown}
    _unambiguous(found, source)
    fields = {column: name for column, name in found.items() if name != SKIP}
    if not set(fields.values()) & set(FIELDS):
        raise InvalidRequest(f"{source}: no column is known", hint="name them, or give a mapping file with --mapping")
    return Mapped(fields, unknown)


def _said(columns: Sequence[str], wishes: Wishes, source: str) -> dict[str, str]:
    """What the mapping file says of the columns there are."""
    by_name = {plain(column): column for column in columns}
    said = {}
    for name, target in wishes.columns.items():
        column = name if name in columns else by_name.get(plain(name), "")
        if not column:
            near = get_close_matches(name, columns, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(columns)}"
            raise InvalidRequest(f"{source} has no column {shown(name)}, which the mapping names", hint=hint)
        said[column] = target
    return said


def _second_choices(found: Mapping[str, str]) -> dict[str, str]:
    """A weaker name counts where no better one is in the file, and only the first of them."""
    taken, more = set(found.values()), {}
    for column, name in found.items():
        weaker = SECOND.get(plain(column), "")
        if not name and weaker and weaker not in taken:
            more[column] = weaker
            taken.add(weaker)
    return more


def _unambiguous(found: Mapping[str, str], source: str) -> None:
    first: dict[str, str] = {}
    for column, name in found.items():
        if name in ("", SKIP):
            continue
        if name in first:
            hint = f"a mapping file can skip one: columns: {{{column}: skip}}"
            raise InvalidRequest(f"{source}: {first[name]} and {column} would both be {name}", hint=hint)
        first[name] = column


def _unknown(column: str, source: str) -> InvalidRequest:
    near = get_close_matches(plain(column), [*SYNONYMS, *SECOND], 1, 0.7)
    meant = (SYNONYMS | SECOND)[near[0]] if near else ""
    hint = f"did you mean {meant}?" if meant else f"a mapping file can say: {column}: skip"
    return InvalidRequest(f"{source}: the column {shown(column)} is not known", hint=hint)


def _slug(column: str) -> str:
    return plain(column).replace(" ", "_") or "unnamed"


def wishes_from(path: Path) -> Wishes:
    """Read a mapping file. Raise ``InvalidRequest`` with line and column for whatever is wrong in it."""
    from ops import strictyaml

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"the mapping {path} cannot be read", hint="it is a YAML file in UTF-8") from error
    parsed = strictyaml.parse(text, _model(), path.name)
    read = strictyaml.document(text, path.name)
    for column, target in parsed.columns.items():
        if target not in ALL and target != SKIP and not re.fullmatch(r"extra\.\w{1,60}", target):
            near = get_close_matches(target, ALL, 1)
            hint = (
                f"did you mean {near[0]}?" if near else f"a field, extra.NAME or skip; fields are {', '.join(FIELDS)}"
            )
            raise read.mistake(("columns", column), f"{target} is no field", hint)
    for name in parsed.values:
        if name not in ALL:
            near = get_close_matches(name, ALL, 1)
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
