"""The shape of a playbook file, checked strictly: unknown keys, twins and circles are named with their line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.errors import InvalidRequest
from ops.params import parse_bool
from ops.playbook import Ask, Choice, Look, Part, Playbook, ordered

if TYPE_CHECKING:
    from pydantic import BaseModel


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
    parts = tuple(Part(s.id, s.do, s.arguments, tuple(s.needs), s.when, s.unless, s.target, s.each) for s in book.steps)
    if twins := sorted({part.id for part in parts if [p.id for p in parts].count(part.id) > 1}):
        raise InvalidRequest(f"{path.name}: two steps are called {twins[0]}", hint="give each step a name of its own")
    looks = tuple(Look(one.look, one.arguments) for one in book.afterwards)
    emergency = parse_bool(book.emergency)
    steps = ordered(parts, path.name)
    rest = (book.most, emergency, book.at_least, book.replaces)
    return Playbook(name, book.title, book.help, asks, chooses, steps, looks, *rest)


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

    class StepFile(Strict):
        id: str
        do: str
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
