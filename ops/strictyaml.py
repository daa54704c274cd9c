"""YAML as data only: every scalar stays text, nothing may be said twice, nothing may stand for something else.

PyYAML's own loaders take the last of two equal keys, read ``no`` as False and ``012`` as 10, and expand
aliases without limit. Here every mistake is one line that names file, line and column.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from ops.errors import InvalidRequest

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from yaml.nodes import Node

    M = TypeVar("M", bound=BaseModel)

LARGEST = 1 << 20  # bytes
DEEPEST = 32
Path = tuple[Any, ...]


def load(text: str, source: str) -> Any:
    """Mappings, lists and texts; ``None`` for an empty file. Raise ``InvalidRequest`` for all else."""
    node = _compose(text, source)
    return None if node is None else _value(node, source)


def parse(text: str, model: type[M], source: str) -> M:
    """Load and check against a pydantic model; a mistake is named with its line, and a typo with the right word."""
    from pydantic import ValidationError

    node = _compose(text, source)
    value = {} if node is None else _value(node, source)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _mistake(error, node, source, model) from None


def _compose(text: str, source: str) -> Node | None:
    import yaml

    if len(text.encode(errors="replace")) > LARGEST:
        raise InvalidRequest(f"{source} is larger than 1 MiB", hint="split it")
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            _plain_only(event, depth, source)
        return yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise InvalidRequest(f"{source}{place}: {error.problem or error.context}", hint="correct that line") from None
    except yaml.YAMLError as error:
        raise InvalidRequest(
            f"{source}: it contains characters YAML does not allow", hint="save it as UTF-8"
        ) from error
    except RecursionError:
        raise InvalidRequest(f"{source} is nested too deeply") from None


def _plain_only(event: Any, depth: int, source: str) -> None:
    import yaml

    place = f"{source} line {event.start_mark.line + 1} column {event.start_mark.column + 1}"
    if depth > DEEPEST:
        raise InvalidRequest(f"{place}: nested more than {DEEPEST} deep")
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise InvalidRequest(f"{place}: anchors and aliases are not allowed", hint="write the value out")
    if getattr(event, "tag", None):
        raise InvalidRequest(f"{place}: tags are not allowed", hint="remove it; every value is text here")


def _value(node: Node, source: str) -> Any:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, source) for item in node.value]
    found: dict[str, Any] = {}
    for key, item in node.value:
        place = f"{source} line {key.start_mark.line + 1} column {key.start_mark.column + 1}"
        if not isinstance(key, yaml.ScalarNode):
            raise InvalidRequest(f"{place}: a key must be a single word")
        if key.value in found:
            raise InvalidRequest(f"{place}: {key.value} is given twice", hint="keep one of them")
        found[key.value] = _value(item, source)
    return found


def _mistake(error: ValidationError, node: Node | None, source: str, model: type[BaseModel]) -> InvalidRequest:
    """The first mistake as one line."""
    first = error.errors(include_url=False)[0]
    path: Path = tuple(part for part in first["loc"])
    known, mark = _where(node, path)
    place = f"{source} line {mark[0]} column {mark[1]}" if mark else source
    name = ".".join(str(part) for part in path[: known + 1]) or "the file"
    if first["type"] == "extra_forbidden":
        near = get_close_matches(str(path[-1]), sorted(_field_names(model)), 1)
        hint = f"did you mean {near[0]}?" if near else "remove it"
        return InvalidRequest(f"{place}: nothing is called {path[-1]} here", hint=hint)
    if first["type"] == "missing":
        return InvalidRequest(f"{place}: {path[-1]} is missing", hint=f"add {path[-1]}: …")
    return InvalidRequest(f"{place}: {name}: {str(first['msg']).lower()}", hint="correct that line")


def _where(node: Node | None, path: Path) -> tuple[int, tuple[int, int] | None]:
    """How far a path leads in the file, and where that is (line, column from 1)."""
    import yaml

    mark = None
    for place, part in enumerate(path):
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                return place - 1, mark or _mark(node)
            mark, node = _mark(pair[0]), pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = _mark(node)
    return len(path) - 1, mark


def _mark(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _field_names(model: Any) -> Iterator[str]:
    """Every field name of a model and of the models inside it."""
    schema = model.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})
