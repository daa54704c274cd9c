"""The shape of a framework file, ``framework/1``, checked strictly and without pydantic: each run reads these files.

schema, id (the file's name), title, edition, source {title, sha256, numbering}, levels?, meta_skills? [{id, label}],
at_least_optional?, left_out? [{from, to, bullets, because}], when_named? [{work, kinds, because}], extra?, units:
- id, label, source {line, through?, sha256}, optional?, meta_skills?, standards?, quality?, text?, extra?, items:
  - id, label, level?, kind, mode, source, quality?, text?, extra?,
    evidenced_by: [{work | planned, because, covers, only?}, …]

``framework.schema.json`` beside the files says the same to other programs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

from evidence.framework import (
    COVERAGE,
    KINDS,
    MODES,
    QUALITIES,
    Framework,
    Item,
    LeftOut,
    NamedRule,
    Rule,
    Source,
    Unit,
)
from ops import regular_file
from ops.errors import InvalidRequest
from ops.strictyaml import Document, document
from ops.strictyaml import Path as Place

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
HASH = re.compile(r"[0-9a-f]{64}")
LINE = re.compile(r"[1-9][0-9]{0,5}")
OPTIONAL = "levels meta_skills at_least_optional left_out when_named extra"
UNIT = "optional meta_skills standards quality text extra"
ITEM = "evidenced_by level quality text extra"
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

    def has(self, key: str) -> bool:
        """Whether it is there."""
        return key in self._values

    def words(self, key: str, known: Collection[str] = ()) -> tuple[str, ...]:
        """Words with blanks between, none twice, each one of a few; none if the key is not there."""
        words = tuple(self.text(key).split()) if key in self._values else ()
        for number, word in enumerate(words):
            if word in words[:number]:
                self.wrong(key, f"{word} is given twice")
            if known and word not in known:
                self.wrong(key, f"there is no {word}", f"it may be {', '.join(known)}")
        return words

    def option(self, key: str, known: Collection[str] = (), shape: re.Pattern[str] | None = None) -> str:
        """A text as ``text`` reads it, or empty if the key is not there."""
        return self.text(key, shape, known) if key in self._values else ""

    def texts(self, key: str) -> dict[str, str]:
        """Names with texts; none if the key is not there."""
        values = self._values.get(key, {})
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            self.wrong(key, "it should be names with texts")
        return dict(values)

    def entry(self, key: str, keys: str, optional: str = "") -> Entry:
        """A mapping within this one."""
        return Entry(self._document, self._values[key], (*self._place, key), keys, optional)

    def entries(self, key: str, keys: str, optional: str = "") -> Iterator[Entry]:
        """The mappings of a list; none if the key is not there."""
        values = self._values.get(key, [])
        if not isinstance(values, list):
            self.wrong(key, "it should be a list: lines that begin with a hyphen")
        for number, value in enumerate(values):
            yield Entry(self._document, value, (*self._place, key, number), keys, optional)


def read(path: Path) -> Framework:
    """Read and check one file; raise ``InvalidRequest`` with the place of the first mistake."""
    content, text = content_of(path)
    parsed = document(text, str(path))
    top = Entry(parsed, parsed.value, (), "schema id title edition source units", OPTIONAL)
    top.text("schema", known=("framework/1",))
    if top.text("id", ID) != path.stem:
        top.wrong("id", f"the file is called {path.name}", "let id and file name be the same")
    return _framework(top, sha256(content).hexdigest())


def content_of(path: Path) -> tuple[bytes, str]:
    """The bytes and the text of a file; raise ``InvalidRequest`` if there is none in it."""
    try:
        content = regular_file.content(path)
        return content, content.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} cannot be read as text", hint="is it there, and saved as UTF-8?") from error


def _framework(top: Entry, digest: str) -> Framework:
    source = top.entry("source", "title sha256 numbering")
    levels = top.words("levels")
    skills = {one.text("id", ID): one.text("label") for one in top.entries("meta_skills", "id label")}
    reading = _Reading(levels, tuple(skills))
    return Framework(
        top.text("id"),
        top.text("title"),
        top.text("edition"),
        source.text("title"),
        source.text("sha256", HASH),
        digest,
        tuple(reading.unit(entry) for entry in top.entries("units", "id label source items", UNIT)),
        levels,
        skills,
        int(top.option("at_least_optional", shape=LINE) or 0),
        tuple(_left_out(one) for one in top.entries("left_out", "from to bullets because")),
        tuple(_named_rule(one) for one in top.entries("when_named", "work kinds because")),
        top.texts("extra"),
    )


class _Reading:
    """Units and items as they are read, with the ids that were used already."""

    def __init__(self, levels: tuple[str, ...], skills: tuple[str, ...]) -> None:
        self._levels, self._skills, self._seen = levels, skills, set[str]()

    def unit(self, entry: Entry) -> Unit:
        """One unit with its items."""
        named = _own_id(entry, self._seen)
        return Unit(
            named,
            _label(entry),
            _source(entry),
            tuple(self.item(each) for each in entry.entries("items", "id label kind mode source", ITEM)),
            entry.option("optional", known=("true", "false")) == "true",
            entry.words("meta_skills", self._skills or ("(the file lists no meta_skills)",)),
            entry.words("standards"),
            entry.option("quality", QUALITIES),
            entry.option("text"),
            entry.texts("extra"),
        )

    def item(self, entry: Entry) -> Item:
        """One item; where a framework has levels, each item is of one."""
        kind, mode = entry.text("kind", known=KINDS), entry.text("mode", known=MODES)
        rules = entry.entries("evidenced_by", "because covers", optional="work planned only")
        if self._levels and not entry.has("level"):
            entry.wrong("", "level is missing", f"it may be {', '.join(self._levels)}")
        return Item(
            _own_id(entry, self._seen),
            _label(entry),
            kind,
            mode,
            _source(entry),
            tuple(_rule(each, kind, mode) for each in rules),
            entry.option("level", self._levels or ("(the file lists no levels)",)),
            entry.option("quality", QUALITIES),
            entry.option("text"),
            entry.texts("extra"),
        )


def _rule(entry: Entry, kind: str, mode: str) -> Rule:
    covers = entry.text("covers", known=COVERAGE)
    if covers == "full" and (kind, mode) != ("performance", "automated"):
        entry.wrong("covers", "no run covers the whole of an item that a person has to attest", "write partial")
    if entry.has("work") == entry.has("planned"):
        entry.wrong("", "either work or planned says what evidences it", "work: a name, or planned: a subject")
    only = entry.option("only", known=("named",))
    return Rule(entry.option("work"), entry.text("because"), covers, entry.option("planned"), bool(only))


def _named_rule(entry: Entry) -> NamedRule:
    return NamedRule(entry.text("work"), entry.words("kinds", KINDS), entry.text("because"))


def _left_out(entry: Entry) -> LeftOut:
    first, last, bullets = (int(entry.text(key, LINE)) for key in ("from", "to", "bullets"))
    return LeftOut(first, last, bullets, entry.text("because"))


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
    source = entry.entry("source", "line sha256", "through")
    line, through = int(source.text("line", LINE)), int(source.option("through", shape=LINE) or 0)
    if through and through <= line:
        source.wrong("through", "it should be a later line than line")
    return Source(line, source.text("sha256", HASH), through)
