"""The shape of a playbook file, checked strictly: unknown keys, twins and circles are named with their line."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.errors import InvalidRequest
from ops.params import parse_bool
from ops.playbook import Ask, Choice, Look, Part, Playbook, ordered
from ops.question import KINDS, LARGEST_NUMBER, WHEN, WHO, Question

if TYPE_CHECKING:
    from pydantic import BaseModel

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = {"about", "for", "helped_by", "ai", "yes", "no_input", "json", "ticket", "reason", "help", "edit"}
DOING = {"arguments", "needs", "when", "unless", "target", "each"}
ASKING = {"kind", "options", "required", "by", "between", "day"}


def parse(path: Path, name: str) -> Playbook:
    """Read one file; raise ``InvalidRequest`` with line and column if it is not a playbook."""
    from ops.strictyaml import parse as parse_yaml

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read as text", hint="is it there, and saved as UTF-8?") from error
    book: Any = parse_yaml(text, _shape(), str(path))
    asks = tuple(
        Ask(key, ask) if isinstance(ask, str) else Ask(key, ask.help, ask.default) for key, ask in book.asks.items()
    )
    chooses = tuple(Choice(key, choice.look, choice.arguments) for key, choice in book.chooses.items())
    for step in book.steps:
        _one_or_the_other(step, path.name)
    parts = tuple(
        Part(s.id, s.do, s.arguments, tuple(s.needs), s.when, s.unless, s.target, s.each) for s in book.steps if s.do
    )
    questions = tuple(_question(step, path.name) for step in book.steps if step.ask)
    if twins := sorted(_twice([step.id for step in book.steps])):
        raise InvalidRequest(f"{path.name}: two steps are called {twins[0]}", hint="give each step a name of its own")
    looks = tuple(Look(one.look, one.arguments) for one in book.afterwards)
    emergency = parse_bool(book.emergency)
    steps = ordered(parts, path.name)
    rest = (book.most, emergency, book.at_least, book.replaces)
    return Playbook(name, book.title, book.help, asks, chooses, steps, looks, *rest, questions)


def _twice(ids: list[str]) -> set[str]:
    return {one for one in ids if ids.count(one) > 1}


def _one_or_the_other(step: Any, source: str) -> None:
    """A step does something or asks something, and has only what belongs to that."""
    if bool(step.do) == bool(step.ask):
        raise InvalidRequest(
            f"{source}: step {step.id} must have either do or ask", hint="do: a name, or ask: a question"
        )
    given = step.model_fields_set - {"id", "do", "ask"}
    if strange := sorted(given & (DOING if step.ask else ASKING)):
        word = "with" if strange[0] == "arguments" else strange[0]
        kind = "asks" if step.ask else "does"
        raise InvalidRequest(f"{source}: step {step.id} {kind} something, and cannot have {word}", hint="take it out")


def _question(step: Any, source: str) -> Question:
    if not NAME.fullmatch(step.id) or step.id in RESERVED:
        hint = "small letters, digits and underscores; it becomes an option of the command"
        raise InvalidRequest(f"{source}: step {step.id}: a question cannot be called that", hint=hint)
    for name, value, known in (("kind", step.kind, KINDS), ("by", step.by, WHO), ("day", step.day, WHEN)):
        if value not in known:
            raise InvalidRequest(f"{source}: step {step.id}: {name} is one of {', '.join(known)}, not {value}")
    if (step.kind == "choice") != bool(step.options) or len(set(step.options)) != len(step.options):
        hint = "options: [a, b], each different, belong to kind: choice and to nothing else"
        raise InvalidRequest(f"{source}: step {step.id}: options do not fit its kind", hint=hint)
    bounds = _bounds(step, source)
    required = parse_bool(step.required)
    return Question(step.id, step.ask, step.kind, tuple(step.options), required, step.by, bounds, step.day)


def _bounds(step: Any, source: str) -> tuple[int, int]:
    """The least and the largest number that can be right."""
    if (step.between and step.kind != "number") or (step.day and step.kind != "date"):
        hint = "between: [1, 1440] belongs to kind: number, and day: past to kind: date"
        raise InvalidRequest(f"{source}: step {step.id}: its bounds do not fit its kind", hint=hint)
    if not step.between:
        return 0, LARGEST_NUMBER
    if len(step.between) != 2 or not all(re.fullmatch("[0-9]{1,9}", one) for one in step.between):
        raise InvalidRequest(f"{source}: step {step.id}: between is two numbers", hint="between: [1, 1440]")
    least, most = map(int, step.between)
    return least, most


def _ask_step() -> type[BaseModel]:
    """What a step has that asks a person."""
    from pydantic import BaseModel, ConfigDict

    class AskStep(BaseModel):
        model_config = ConfigDict(extra="forbid")
        ask: str = ""
        kind: str = "text"
        options: list[str] = []
        between: list[str] = []
        day: str = ""
        required: str = "true"
        by: str = "apprentice"

    return AskStep


@cache
def _shape() -> type[BaseModel]:
    """The model of the file; made when first needed, for pydantic takes its time."""
    from pydantic import BaseModel, ConfigDict, Field

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")

    class AskFile(Strict):
        help: str
        default: str | None = None

    class ChoiceFile(Strict):
        look: str
        arguments: dict[str, str] = Field(alias="with", default_factory=dict)

    class StepFile(_ask_step()):  # type: ignore[misc]
        id: str
        do: str = ""
        arguments: dict[str, str] = Field(alias="with", default_factory=dict)
        needs: list[str] = []
        when: str = "true"
        unless: str = "false"
        target: str = ""
        each: str = ""

    class BookFile(Strict):
        title: str
        help: str = ""
        replaces: str = ""
        asks: dict[str, str | AskFile] = {}
        chooses: dict[str, ChoiceFile] = {}
        steps: list[StepFile]
        afterwards: list[ChoiceFile] = []
        emergency: str = "false"
        most: str = ""
        at_least: str = ""

    return BookFile
