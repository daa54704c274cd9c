"""Playbooks: YAML that names operations and fills in their arguments. No templates, no logic.

``playbooks/user/onboard.yaml`` *is* the command ``ops user onboard``; ``asks`` become its options. A value
``$name`` is the whole answer, ``{name}`` inside a text stands for one; ``when`` and ``unless`` look at one
answer; a step left out passes its ``needs`` on. ``chooses`` asks lookups once, at planning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from ops.errors import InvalidRequest
from ops.operation import Operation, load_lookup, load_operation
from ops.params import PARSERS
from ops.plan import Planner, Step

Answers = Mapping[str, str]
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Ask:
    """One question; without a default it must be answered."""

    name: str
    help: str
    default: str | None = None


@dataclass(frozen=True)
class Choice:
    """One lookup: the answer ``name`` is chosen by it unless somebody gave that answer."""

    name: str
    look: str
    arguments: Answers


@dataclass(frozen=True)
class Part:
    """One step as written."""

    id: str
    do: str
    arguments: Answers
    needs: tuple[str, ...] = ()
    when: str = "true"
    unless: str = "false"
    target: str = ""


@dataclass(frozen=True)
class Playbook:
    """A checked playbook: every name known, every argument named, the steps in an order that honours needs."""

    name: str
    title: str
    help: str
    asks: tuple[Ask, ...]
    chooses: tuple[Choice, ...]
    parts: tuple[Part, ...]
    replaces: str = ""  # the shipped playbook that a workspace's own takes the place of

    @property
    def operations(self) -> tuple[str, ...]:
        """What it uses, each once."""
        return tuple(dict.fromkeys(part.do for part in self.parts))

    def missing(self, answers: Answers) -> tuple[Ask, ...]:
        """The questions still open."""
        return tuple(ask for ask in self.asks if ask.default is None and not answers.get(ask.name))


@dataclass(frozen=True)
class Bound:
    """What became of one row: its steps are planned; notes say why names were chosen, not_done what has no target."""

    answers: Answers
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    not_done: tuple[str, ...]


def plan_row(book: Playbook, answers: Answers, planner: Planner, kinds: Mapping[str, str], row: str = "") -> Bound:
    """Plan one row on the pictures of a planner. ``kinds`` maps kinds of adapter to targets of the inventory."""
    filled = dict(answers) | {ask.name: answers.get(ask.name) or ask.default or "" for ask in book.asks}
    notes = [note for choice in book.chooses for note in _choose(choice, filled, planner, kinds)]
    stand_in: dict[str, tuple[str, ...]] = {}  # whom to wait for when told to wait for this step
    steps: list[Step] = []
    not_done: list[str] = []
    for part in book.parts:
        needs = tuple(n for need in part.needs for n in stand_in[need])
        operation = load_operation(part.do)
        here = {kind: kinds.get(kind, "") for kind in operation.readers}
        if part.target:
            here[operation.readers[0]] = part.target
        stand_in[part.id] = needs
        if not _wanted(part, filled):
            continue
        if not all(here.values()):
            not_done.append(part.id)
            continue
        step = Step(row + part.id, part.do, here, _arguments(operation, part.arguments, filled), needs, row)
        operation.bind(step.arguments)
        planner.add(step)
        steps.append(step)
        stand_in[part.id] = (step.id,)
    return Bound(filled, tuple(steps), tuple(notes), tuple(not_done))


def _choose(choice: Choice, filled: dict[str, str], planner: Planner, kinds: Mapping[str, str]) -> Iterator[str]:
    if filled.get(choice.name):
        return
    look = load_lookup(choice.look)
    readers = [planner.projections[kinds[kind]] for kind in look.readers]
    chosen = look.function(*readers, **_arguments(look, choice.arguments, filled))
    filled[choice.name] = chosen.value
    if chosen.why:
        yield f"{choice.name.replace('_', ' ')} {chosen.value}: {chosen.why}"


def _arguments(operation: Operation, texts: Answers, answers: Answers) -> dict[str, Any]:
    types = {param.name: param.type for param in operation.params}
    if unknown := sorted(texts.keys() - types.keys()):
        operation.bind(dict.fromkeys(unknown, ""))
    return {key: PARSERS[types[key]](fill(text, answers)) for key, text in texts.items()}


def fill(text: str, answers: Answers) -> str:
    """``$name`` is that answer whole; ``{name}`` within a text stands for one."""
    if text.startswith("$"):
        return answers[text[1:]]
    return PLACEHOLDER.sub(lambda match: answers[match[1]], text)


def _wanted(part: Part, answers: Answers) -> bool:
    when, unless = fill(part.when, answers), fill(part.unless, answers)
    return when not in ("", "false") and unless in ("", "false")


def read(path: Path, name: str, constants: frozenset[str] = frozenset()) -> Playbook:
    """Read and check one file. ``constants`` are the answers that the workspace gives."""
    from ops.playbook_file import parse

    book = parse(path, name)
    _check(book, path, constants)
    return book


def _check(book: Playbook, path: Path, constants: frozenset[str]) -> None:
    known = {ask.name for ask in book.asks} | {choice.name for choice in book.chooses} | constants
    for choice in book.chooses:
        load_lookup(choice.look).bind(choice.arguments)
        _names_known(path, choice.arguments.values(), known)
    for part in book.parts:
        try:
            load_operation(part.do).bind(part.arguments)
        except InvalidRequest as error:
            raise InvalidRequest(f"{path.name}: step {part.id}: {error}", hint=error.hint) from error
        _names_known(path, [*part.arguments.values(), part.when, part.unless], known)


def _names_known(path: Path, texts: Any, known: set[str]) -> None:
    for text in texts:
        used = [text[1:]] if text.startswith("$") else PLACEHOLDER.findall(text)
        for name in used:
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else "add it to asks"
                raise InvalidRequest(f"{path.name}: nobody is asked for {name}", hint=hint)


def ordered(parts: tuple[Part, ...], source: str) -> tuple[Part, ...]:
    """The steps in an order in which each comes after those it needs."""
    by_id = {part.id: part for part in parts}
    if missing := sorted({need for part in parts for need in part.needs} - by_id.keys()):
        raise InvalidRequest(f"{source}: there is no step {missing[0]} to need")
    try:
        order = list(TopologicalSorter({part.id: part.needs for part in parts}).static_order())
    except CycleError as error:
        raise InvalidRequest(f"{source}: these steps wait for each other: {', '.join(error.args[1])}") from error
    return tuple(sorted(parts, key=lambda part: order.index(part.id)))
