"""A mapping out of JSON that gives each value in the type it must have, and names the place of one that has another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class WrongType(Exception):
    """A value is of another type than the format says; the text names its place, what it is and what it should be."""


TYPES = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", list: "a list"}


class Section:
    """A mapping and the path to it. What is missing or null is empty text, 0, False or an empty section."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values, self._path = values, path

    def text(self, name: str) -> str:
        """A text without blanks around it, and without NUL, which no database server keeps."""
        return str(self._typed(name, str, "")).replace("\0", "").strip()

    def required(self, name: str) -> str:
        """A text that must be there."""
        if not (found := self.text(name)):
            raise WrongType(f"{self._place(name)} is missing")
        return found

    def number(self, name: str) -> int:
        """A whole number, never negative."""
        found = self._typed(name, int, 0)
        if isinstance(found, bool) or found < 0:
            raise WrongType(f"{self._place(name)} is {found}, not a whole number")
        return int(found)

    def flag(self, name: str) -> bool:
        """True or false."""
        return bool(self._typed(name, bool, False))

    def section(self, name: str) -> Section:
        """A mapping inside this one."""
        return Section(self._typed(name, dict, {}), self._place(name))

    def sections(self, name: str) -> Iterator[Section]:
        """The mappings of a list."""
        for at, one in enumerate(self._typed(name, list, [])):
            place = f"{self._place(name)}[{at}]"
            if not isinstance(one, dict):
                raise WrongType(f"{place} is {TYPES.get(type(one), 'nothing')}, not a mapping")
            yield Section(one, place)

    def _typed(self, name: str, kind: type, empty: Any) -> Any:
        found = self._values.get(name)
        if found is None:
            return empty
        if not isinstance(found, kind):
            wanted = TYPES.get(kind, "a mapping")
            raise WrongType(f"{self._place(name)} is {TYPES.get(type(found), 'a mapping')}, not {wanted}")
        return found

    def _place(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name
