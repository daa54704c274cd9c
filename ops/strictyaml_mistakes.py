"""Mistakes in a YAML file in plain words: what the parser and pydantic say, translated for who wrote the file."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from ops.errors import InvalidRequest
from ops.strictyaml import DEEPEST, Document, Path, refusal, shown

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

REREAD = 1 << 16  # characters the Python parser reads in about a fifth of a second
# Beginning of what PyYAML says → what it means, and what to do.
SYNTAX = {
    "mapping values are not allowed": (
        "a colon with a space after it cannot stand here",
        "put the text in quotes, or check the indentation",
    ),
    "found character '\\t'": ("a tab cannot stand here", "indent with spaces"),
    "found character": ("a text cannot begin with this sign", "put the text in quotes"),
    "expected <block end>": ("this does not line up with the lines above", "check the spaces at its beginning"),
    "could not find expected ':'": ("a colon is missing", "write it as name: value"),
    "exceeded maximum nesting depth": ("nested too deeply", "spread it over several files"),
    "found unexpected end of stream": ("a quotation mark is opened and never closed", "close it"),
    "found unknown escape": ("a backslash in double quotes means something else", "use single quotes"),
    "expected escape sequence": ("a backslash in double quotes means something else", "use single quotes"),
    "expected ',' or": ("a comma or a closing bracket is missing", "add it"),
    "expected the node content": ("the file ends where a value should stand", "close the bracket"),
}
# pydantic's error types → what should stand there.
SHOULD = {
    "string_type": "one text",
    "list_type": "a list: lines that begin with a hyphen",
    "tuple_type": "a list: lines that begin with a hyphen",
    "dict_type": "a mapping: lines such as name: value",
    "model_type": "a mapping: lines such as name: value",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}


def of_syntax(text: str, source: str, error: Exception) -> InvalidRequest:
    """What is wrong with a text that is not YAML.

    The Python parser is asked again: it knows the exact place where the C one often says "after the end".
    """
    import yaml

    error = _exact(text) or error
    if isinstance(error, yaml.reader.ReaderError):
        return _forbidden_character(text, source, error)
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark):
        problem = str(error.problem or error.context)
        message, hint = next((said for start, said in SYNTAX.items() if problem.startswith(start)), (problem, ""))
        return refusal(source, (mark.line + 1, mark.column + 1), message, hint)
    return InvalidRequest(f"{source}: this is not YAML", hint="look for an escape such as \\U or a % at a line's start")


def _exact(text: str) -> Exception | None:
    """What the Python parser says; nothing where it would take long, as it does on deep nesting."""
    import yaml

    depth = 0
    try:
        for event in yaml.parse(text if len(text) <= REREAD else "", Loader=yaml.BaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                return None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        return error
    return None


def _forbidden_character(text: str, source: str, error: Any) -> InvalidRequest:
    before = text[: error.position]
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    message = f"the character U+{ord(text[error.position]):04X} is not allowed"
    return refusal(source, place, message, "save the file as UTF-8 text, and delete the character")


def of_model(error: ValidationError, read: Document, model: type[BaseModel]) -> InvalidRequest:
    """The most telling mistake: the deepest in the file, for where several shapes are allowed each complains."""

    def telling(detail: Mapping[str, Any]) -> tuple[int, bool, bool]:
        kind = detail["type"]
        return len(_path(detail["loc"], read)), kind == "extra_forbidden", kind == "missing"

    worst = max(error.errors(include_url=False, include_input=False), key=telling)
    path = _path(worst["loc"], read)
    if worst["type"] == "extra_forbidden":
        return _unknown(path, read, model)
    where = _spoken(path)
    if worst["type"] == "missing":
        name = str(worst["loc"][-1])
        return read.mistake(path, f"{where}{name} is missing", f"add {name}: …")
    return read.mistake(path, where + _should(worst))


def _path(location: tuple[str | int, ...], read: Document) -> Path:
    """A location of pydantic's as far as it stands in the file; names of shapes, which it mixes in, left out."""
    path: Path = ()
    for part in location:
        if (*path, part) in read.marks:
            path = (*path, part)
    return path


def _unknown(path: Path, read: Document, model: type[BaseModel]) -> InvalidRequest:
    known = list(dict.fromkeys(_keys(model, path[:-1])))
    near = get_close_matches(str(path[-1]), known, 1)
    hint = f"did you mean {near[0]}?" if near else f"there may be: {', '.join(known)}"
    return read.mistake(path, f"{_spoken(path[:-1])}nothing is called {shown(str(path[-1]))} here", hint)


def _spoken(path: Path) -> str:
    """``("steps", 0, "do")`` as ``steps no. 1, do: ``."""
    words = ""
    for part in path:
        words += f" no. {part + 1}" if isinstance(part, int) else f", {shown(part)}"
    return f"{words.removeprefix(',').strip()}: " if words else ""


def _should(detail: Mapping[str, Any]) -> str:
    if should := SHOULD.get(detail["type"]):
        return f"it should be {should}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return " ".join((message[:1].lower() + message[1:]).split())


def _keys(hint: Any, path: Path) -> Iterator[str]:
    """The keys that a model, or any other type, allows at a path."""
    from pydantic import BaseModel

    for kind in _kinds(hint):
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            yield from _keys(get_args(kind)[-1], path[1:]) if path else ()
            continue
        fields = {info.alias or name: info.annotation for name, info in kind.model_fields.items()}
        if not path:
            yield from fields
        elif path[0] in fields:
            yield from _keys(fields[str(path[0])], path[1:])


def _kinds(hint: Any) -> Iterator[Any]:
    """The models, lists and mappings that a type may be."""
    from pydantic import BaseModel, RootModel

    origin = get_origin(hint)
    if origin in (Union, types.UnionType, Annotated):
        for each in get_args(hint):
            yield from _kinds(each)
    elif origin is not None:
        yield hint
    elif isinstance(hint, type) and issubclass(hint, RootModel):
        yield from _kinds(hint.model_fields["root"].annotation)
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
