"""What the words in a table's columns say of the columns: a Zustand that is a state, a Typ that is a model.

Each column's words are looked at once; what they are read as, and which are not known, is said once for the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from inventory.taking_in import words
from inventory.taking_in.headers import plain
from inventory.taking_in.mapping import EXTRA, Mapped, slug
from inventory.taking_in.rows import shown

MOST = 60  # different words; a column that has more holds no words
LONGEST = 40  # characters
NAMED = 8  # words in one line of what is said
TYPES = ("type", "typ")  # of the thing, of its model, or of who has it


@dataclass
class Words:
    """The different words of one column, as they were first written, and in how many rows each stands."""

    column: str
    seen: dict[str, str] = field(default_factory=dict)
    rows: int = 0

    def see(self, _number: int, cell: str) -> None:
        """One cell; its number is of no interest."""
        text = cell.strip()
        if not text or words.says_nothing(text):
            return
        self.rows += 1
        if len(self.seen) <= MOST:
            self.seen.setdefault(plain(text[: LONGEST + 1]), text[: LONGEST + 1])

    @property
    def texts(self) -> list[str]:
        """The words; none if there are too many or too long ones for words."""
        fine = len(self.seen) <= MOST and all(len(text) <= LONGEST for text in self.seen.values())
        return list(self.seen.values()) if fine else []

    def known(self, name: str) -> int:
        """How many of the words are words of a field."""
        return sum(bool(words.own_word(name, text)) for text in self.texts)

    def mostly(self, name: str) -> bool:
        """Whether at least half of the words are a field's."""
        return bool(self.texts) and 2 * self.known(name) >= len(self.texts)

    def plainly(self, name: str) -> bool:
        """Whether all of the words are a field's, and there is more than one row to tell it."""
        return self.rows > 1 and bool(self.texts) and self.known(name) == len(self.texts)


def watched(mapping: Mapped) -> dict[str, Words]:
    """A pair of eyes for every column that holds words, or may."""
    return {
        column: Words(column)
        for column, name in mapping.fields.items()
        if name in words.OF_FIELD or name.startswith(EXTRA) or plain(column) in TYPES
    }


def settled(mapping: Mapped, seen: Mapping[str, Words]) -> Mapped:
    """The mapping, corrected by what the columns hold; what a mapping file said stays."""
    for column, found in seen.items():
        if column in mapping.fixed or not found.texts:
            continue
        if plain(column) in TYPES:
            mapping = _type(mapping, column, found)
        elif mapping.fields[column] == "condition" and found.known("state") > found.known("condition"):
            mapping = _given(mapping, column, "state")
    return mapping


def _type(mapping: Mapped, column: str, found: Words) -> Mapped:
    """Snipe-IT's Type is of who has it; in many lists the Typ is the model; else it is the kind."""
    if found.plainly("holder_kind"):
        return _given(mapping, column, "holder_kind")
    if found.mostly("kind"):
        return mapping
    return _given(mapping, column, "model")


def _given(mapping: Mapped, column: str, name: str) -> Mapped:
    if mapping.column(name):
        return _extra(mapping, column)
    said = f"{column} is read as {name.replace('_', ' ')}, by the words in it"
    before = tuple(one for one in mapping.said if not one.endswith(f"; {column} is kept as extra"))
    return replace(mapping, fields={**mapping.fields, column: name}, said=(*before, said))


def _extra(mapping: Mapped, column: str) -> Mapped:
    kept = EXTRA + slug(column)
    if mapping.fields[column] in (kept, "condition"):
        return mapping
    return replace(mapping, fields={**mapping.fields, column: kept}, unknown=(*mapping.unknown, column))


def told(mapping: Mapped, seen: Mapping[str, Words], values: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """What a person should know about the words of a file, each once: kept, not known, and in columns not known."""
    for column, found in seen.items():
        name = mapping.fields.get(column, "")
        if name in words.OF_FIELD:
            yield from _words(column, name, found, {plain(word) for word in values.get(name, {})})
        elif column in mapping.unknown:
            yield from _looks(mapping, column, found)


def _words(column: str, name: str, found: Words, mapped: set[str]) -> Iterator[str]:
    mine = [text for key, text in found.seen.items() if key not in mapped]
    if kept := [f"{shown(text)} as {words.own_word(name, text)}" for text in mine if words.says_more(name, text)]:
        yield f"{column}: read {_some(kept)}; the word is kept in the notes"
    other = words.OTHER_NAME.get(name, "")
    ours = [one for one in (name, other) if one]
    if odd := [shown(text) for text in mine if not any(words.own_word(one, text) for one in ours)]:
        known, field = ", ".join(words.OF_FIELD[name]), name.replace("_", " ")
        yield f"{column}: {_some(odd)} is no {field}; a mapping file can say what it is, of {known}"


def _looks(mapping: Mapped, column: str, found: Words) -> Iterator[str]:
    for name in ("kind", "state"):
        if not mapping.column(name) and found.plainly(name):
            yield f"{column} looks like the {name} ({_some(found.texts)}); a mapping file can say: {column}: {name}"


def _some(texts: list[str]) -> str:
    more = len(texts) - NAMED
    return ", ".join(texts[:NAMED]) + (f" and {more} more" if more > 0 else "")
