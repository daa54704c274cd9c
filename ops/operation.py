"""Operations look at targets and yield changes; lookups look and return a value. Both are named by path.

``ops/operations/account/unlock.py`` holds one function under ``@operation``: its name is ``account.unlock``,
its leading parameters are the readers it looks at, the others are its typed parameters. Nothing is said
twice: the command, its help, playbook checks, dry run and reference docs are read from here.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from ops.errors import InvalidRequest

ROOT = Path(__file__).parent
SENTENCE = re.compile(r"[.?!](?= |$)")  # where one ends


@dataclass(frozen=True)
class Param:
    """One argument, read from the signature; ``type`` is a key of ``ops.params.PARSERS``."""

    name: str
    type: Any
    help: str
    default: object = inspect.Parameter.empty

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True)
class Chosen:
    """What a lookup answers: the value, and for people the reason it was chosen."""

    value: str
    why: str = ""


@dataclass(frozen=True)
class Operation:
    """A named function and all that its signature says. ``readers`` are the kinds of adapter it looks at."""

    name: str
    summary: str
    help: str
    readers: tuple[str, ...]
    params: tuple[Param, ...]
    function: Callable[..., Any]

    def bind(self, arguments: Mapping[str, object]) -> None:
        """Check argument names, so that a typo fails before any connection is made."""
        known = {param.name for param in self.params}
        required = {param.name for param in self.params if param.required}
        if unknown := sorted(arguments.keys() - known):
            near = get_close_matches(unknown[0], known, 1)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(sorted(known))}"
            raise InvalidRequest(f"{self.name} does not take {', '.join(unknown)}", hint=hint)
        if missing := sorted(required - arguments.keys()):
            raise InvalidRequest(f"{self.name} needs {', '.join(missing)}")


def operation(function: Callable[..., Any]) -> Operation:
    """Make an operation of the function whose module lies below ``ops/operations``."""
    return read(function, "ops.operations.")


def lookup(function: Callable[..., Any]) -> Operation:
    """Make a lookup of the function below ``ops/lookups``; it is asked once, at planning."""
    return read(function, "ops.lookups.")


def read(function: Callable[..., Any], prefix: str) -> Operation:
    """Read name, help, readers and parameters off a function. A reader is a protocol named ``…Reader``."""
    hints = get_type_hints(function, include_extras=True)
    readers: list[str] = []
    params: list[Param] = []
    for parameter in inspect.signature(function).parameters.values():
        hint = hints[parameter.name]
        if getattr(hint, "__name__", "").endswith("Reader") and not params:
            readers.append(hint.__module__.rpartition(".")[2])
        else:
            params.append(_param(parameter, hint))
    text = inspect.getdoc(function) or ""
    name = function.__module__.removeprefix(prefix)
    return Operation(name, opening(text), text, tuple(readers), tuple(params), function)


def _param(parameter: inspect.Parameter, hint: Any) -> Param:
    if get_origin(hint) is not Annotated:
        raise TypeError(f"parameter {parameter.name} needs Annotated[type, 'help']")
    kind, text = get_args(hint)
    return Param(parameter.name, kind, text, parameter.default)


@cache
def names(folder: str) -> tuple[str, ...]:
    """The names of all operations, lookups or audits, read from the files without importing them."""
    root = ROOT / folder
    found = (path.relative_to(root).with_suffix("").parts for path in root.glob("*/*.py") if path.stem != "__init__")
    return tuple(sorted(".".join(parts) for parts in found))


def opening(text: str) -> str:
    """The first line of a text; where that breaks a sentence off, up to the end of the sentence."""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    end = SENTENCE.search(paragraph, max(len(text.partition("\n")[0]) - 1, 0))
    return paragraph[: end.end()] if end else paragraph


def spelled(name: str) -> str:
    """``user/cut_off``, ``account.unlock`` or ``asset.import_`` as a person types it: ``ops user cut-off``."""
    parts = name.replace("/", ".").split(".")
    return " ".join(["ops", *(part.strip("_").replace("_", "-") for part in parts)])


def summary(folder: str, name: str) -> str:
    """What the docstring of a part opens with; the part is not imported."""
    path = ROOT.joinpath(folder, *name.split(".")).with_suffix(".py")
    return opening(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")


def load(folder: str, name: str) -> Any:
    """Import one operation, lookup or audit by its name; a wrong name gets a suggestion."""
    if name not in names(folder):
        near = get_close_matches(name, names(folder), 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names(folder))}"
        raise InvalidRequest(f"there is no {folder.removesuffix('s')} called {name}", hint=hint)
    module = import_module(f"ops.{folder}.{name}")
    return getattr(module, name.rpartition(".")[2])


def load_operation(name: str) -> Operation:
    """The operation of this name."""
    found: Operation = load("operations", name)
    return found


def load_lookup(name: str) -> Operation:
    """The lookup of this name."""
    found: Operation = load("lookups", name)
    return found


def every(folder: str) -> Iterator[Any]:
    """Import and yield all operations, lookups or audits; for documentation and tests."""
    return (load(folder, name) for name in names(folder))
