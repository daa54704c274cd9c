"""YAML as data only: every scalar stays text, nothing may be said twice, nothing may stand for something else.

PyYAML's own loaders take the last of two equal keys, read ``no`` as False and ``012`` as 10, and expand aliases
without limit. Here the tree is built from parser events, so none of that can happen, and every mistake is one
line that names file, line and column (both from 1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from ops.errors import InvalidRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

    M = TypeVar("M", bound=BaseModel)

LARGEST = 1 << 20  # bytes
DEEPEST = 32  # lists and mappings within one another
SURROGATE = re.compile("[\ud800-\udfff]")
# What turns a line round on the screen, so that a reviewer reads something else than the program does
# (CVE-2021-42574). Letters of right-to-left scripts need none of these.
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """One file: its ``value`` and, for each path of keys and places in it, the line and column where it stands."""

    source: str
    value: object = None
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def mistake(self, path: Path, message: str, hint: str = "") -> InvalidRequest:
        """The error to raise for what stands at ``path``."""
        return refusal(self.source, self.marks.get(path), message, hint)


def load(text: str, source: str) -> object:
    """Mappings, lists and texts; ``None`` for an empty file. Raise ``InvalidRequest`` for all else.

    ``source`` is how the file is called in messages.
    """
    return document(text, source).value


def dump(value: object) -> str:
    """Mappings, lists and texts as YAML that ``load`` reads back the same."""
    import yaml

    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110)


def parse(text: str, model: type[M], source: str) -> M:
    """Load and check against a pydantic model; a mistake is named with its place, and a typo with the right word.

    An empty file is an empty mapping. Raise ``InvalidRequest``.
    """
    from pydantic import ValidationError

    read = document(text, source)
    try:
        return model.model_validate(read.value or {})
    except ValidationError as error:
        from ops.strictyaml_mistakes import of_model

        raise of_model(error, read, model) from None


def document(text: str, source: str) -> Document:
    """Load, keeping where each value stands, for callers that check more than a model can."""
    import yaml

    _within_limits(text, source)
    read = Document(source)
    try:
        # The C parser is fourteen times as fast; without it the same tree comes from the Python one.
        events = yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        value = _document(events, read)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        from ops.strictyaml_mistakes import of_syntax

        raise of_syntax(text, source, error) from None
    return Document(source, value, read.marks)


def refusal(source: str, place: tuple[int, int] | None, message: str, hint: str = "") -> InvalidRequest:
    """One line that says where and what."""
    where = f"{source} line {place[0]} column {place[1]}" if place else source
    return InvalidRequest(f"{where}: {message}", hint=hint or "correct that line")


def shown(text: str) -> str:
    """A key as it may stand in a message: in one line, short, nothing invisible."""
    short = text if len(text) <= 40 else text[:39] + "…"
    return short if short and short.isprintable() else ascii(short)


def _within_limits(text: str, source: str) -> None:
    if len(text) > LARGEST or len(text.encode(errors="replace")) > LARGEST:
        raise InvalidRequest(f"{source} is larger than 1 MiB", hint="split it")
    if found := DIRECTION.search(text):
        line = text.count("\n", 0, found.start()) + 1
        place = (line, found.start() - text.rfind("\n", 0, found.start()))
        message = f"the invisible character U+{ord(found[0]):04X} turns the line round on the screen"
        raise refusal(source, place, message, "delete it; letters of any script are welcome without it")


def _document(events: Iterator[Any], read: Document) -> object:
    import yaml

    next(events)  # the stream's start
    if isinstance(next(events), yaml.StreamEndEvent):
        return None
    value = _value(next(events), events, (), read)
    next(events)  # the document's end
    if not isinstance(more := next(events), yaml.StreamEndEvent):
        raise refusal(read.source, _place(more), "a second document starts here", "keep one document in a file")
    return value


def _value(event: Any, events: Iterator[Any], path: Path, read: Document) -> object:
    import yaml

    _stands_for_itself(event, read.source)
    if isinstance(event, yaml.ScalarEvent):
        return event.value
    if len(path) >= DEEPEST:
        raise refusal(read.source, _place(event), f"nested more than {DEEPEST} deep", "spread it over several files")
    if isinstance(event, yaml.SequenceStartEvent):
        return _list(events, path, read)
    return _mapping(events, path, read)


def _list(events: Iterator[Any], path: Path, read: Document) -> list[object]:
    import yaml

    found: list[object] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        here = (*path, len(found))
        read.marks[here] = _place(event)
        found.append(_value(event, events, here, read))
    return found


def _mapping(events: Iterator[Any], path: Path, read: Document) -> dict[str, object]:
    import yaml

    found: dict[str, object] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        _stands_for_itself(event, read.source)
        if not isinstance(event, yaml.ScalarEvent):
            raise refusal(read.source, _place(event), "a key must be one text, not a list or a mapping")
        here = (*path, event.value)
        if here in read.marks:
            first = read.marks[here][0]
            message = f"{shown(event.value)} is given twice, first in line {first}"
            raise refusal(read.source, _place(event), message, "keep one of them")
        read.marks[here] = _place(event)
        found[event.value] = _value(next(events), events, here, read)
    return found


def _stands_for_itself(event: Any, source: str) -> None:
    import yaml

    if event.anchor:  # of an anchor, or of an alias for one
        raise refusal(source, _place(event), "anchors and aliases (& and *) are not allowed", "write the value out")
    if event.tag:
        raise refusal(source, _place(event), "tags (!) are not allowed", "remove it; every value is text here")
    if isinstance(event, yaml.ScalarEvent) and SURROGATE.search(event.value):
        raise refusal(source, _place(event), "an escape here is half a character", "write the character itself")
    if isinstance(event, yaml.ScalarEvent) and "\0" in event.value:
        raise refusal(source, _place(event), "an escape here is the character NUL, which no text has", "leave it out")


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
