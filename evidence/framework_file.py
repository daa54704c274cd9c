"""The shape of a framework file, ``framework/1``, checked strictly and without pydantic: each run reads these files.

schema, id (the file's name), title, edition, source {title, sha256, numbering}, units:
- id, label, source {line, sha256}, items:
  - id, label, kind, mode, source {line, sha256}, evidenced_by: [{work, because, covers}, …]
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

from evidence.framework import COVERAGE, KINDS, MODES, Framework, Item, Rule, Source, Unit
from ops.errors import InvalidRequest
from ops.strictyaml import Document, document
from ops.strictyaml import Path as Place

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
HASH = re.compile(r"[0-9a-f]{64}")
LINE = re.compile(r"[1-9][0-9]{0,5}")
LONGEST_LABEL = 10  # words: a label names an item, the source describes it


class Entry:
    """One mapping of a file, with what may stand in it; every mistake is named with its place."""

    def __init__(self, document: Document, value: object, place: Place, keys: str, optional: str = "") -> None:
        self._document, self._place = document, place
        if not isinstance(value, dict):
            self.wrong("", "here should be a mapping: lines such as name: value")
        self._values: dict[str, object] = value
        known = {*keys.split(), *optional.split()}
        for key in value:
            if key not in known:
                near = get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there may be: {', '.join(sorted(known))}"
                self.wrong(key, "nothing is called that here", hint)
        if missing := [key for key in keys.split() if key not in value]:
            self.wrong("", f"{missing[0]} is missing", f"add {missing[0]}: …")

    def wrong(self, key: str, message: str, hint: str = "") -> NoReturn:
        """Raise the mistake of one key, or of the whole mapping."""
        place = (*self._place, key) if key else self._place
        raise self._document.mistake(place, f"{key}: {message}" if key else message, hint)

    def text(self, key: str, shape: re.Pattern[str] | None = None, known: Collection[str] = ()) -> str:
        """A text that is not empty, and has a shape or is one of a few."""
        value = self._values[key]
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, "it should be one text")
        if known and value not in known:
            self.wrong(key, f"it should be one of {', '.join(known)}")
        if shape and not shape.fullmatch(value):
            self.wrong(key, "it does not have the right shape", f"as in the regular expression {shape.pattern}")
        return value

    def entry(self, key: str, keys: str) -> Entry:
        """A mapping within this one."""
        return Entry(self._document, self._values[key], (*self._place, key), keys)

    def entries(self, key: str, keys: str, optional: str = "") -> Iterator[Entry]:
        """The mappings of a list; none if the key is not there."""
        values = self._values.get(key, [])
        if not isinstance(values, list):
            self.wrong(key, "it should be a list: lines that begin with a hyphen")
        for number, value in enumerate(values):
            yield Entry(self._document, value, (*self._place, key, number), keys, optional)


def read(path: Path) -> Framework:
    """Read and check one file; raise ``InvalidRequest`` with the place of the first mistake."""
    try:
        content = path.read_bytes()
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read as text", hint="is it there, and saved as UTF-8?") from error
    parsed = document(text, str(path))
    top = Entry(parsed, parsed.value, (), "schema id title edition source units")
    top.text("schema", known=("framework/1",))
    if top.text("id", ID) != path.stem:
        top.wrong("id", f"the file is called {path.name}", "let id and file name be the same")
    source = top.entry("source", "title sha256 numbering")
    source.text("sha256", HASH)
    seen: set[str] = set()
    units = tuple(_unit(entry, seen) for entry in top.entries("units", "id label source items"))
    return Framework(
        path.stem, top.text("title"), top.text("edition"), source.text("title"), sha256(content).hexdigest(), units
    )


def _unit(entry: Entry, seen: set[str]) -> Unit:
    named = _own_id(entry, seen)
    items = entry.entries("items", "id label kind mode source", optional="evidenced_by")
    return Unit(named, _label(entry), _source(entry), tuple(_item(each, seen) for each in items))


def _item(entry: Entry, seen: set[str]) -> Item:
    kind, mode = entry.text("kind", known=KINDS), entry.text("mode", known=MODES)
    rules = tuple(_rule(each, kind, mode) for each in entry.entries("evidenced_by", "work because covers"))
    return Item(_own_id(entry, seen), _label(entry), kind, mode, _source(entry), rules)


def _rule(entry: Entry, kind: str, mode: str) -> Rule:
    covers = entry.text("covers", known=COVERAGE)
    if covers == "full" and (kind, mode) != ("performance", "automated"):
        entry.wrong("covers", "no run covers the whole of an item that a person has to attest", "write partial")
    return Rule(entry.text("work"), entry.text("because"), covers)


def _own_id(entry: Entry, seen: set[str]) -> str:
    found = entry.text("id", ID)
    if found in seen:
        entry.wrong("id", f"{found} is given twice", "ids are never used again")
    seen.add(found)
    return found


def _label(entry: Entry) -> str:
    label = entry.text("label")
    if len(label.split()) > LONGEST_LABEL:
        entry.wrong("label", f"it has more than {LONGEST_LABEL} words", "name it in your own words, and briefly")
    return label


def _source(entry: Entry) -> Source:
    source = entry.entry("source", "line sha256")
    return Source(int(source.text("line", LINE)), source.text("sha256", HASH))
