"""Playbooks: YAML that names operations and fills in their arguments. No templates, no logic.

``playbooks/user/onboard.yaml`` *is* the command ``ops user onboard``; ``asks`` become its options. A value
``$name`` is the whole answer, ``{name}`` inside a text stands for one; ``when`` and ``unless`` look at one
answer; a step left out passes its ``needs`` on. ``chooses`` asks lookups once, at planning. A step that is an
``ask`` is a question to a person: it is asked before anything else, and its answer is a statement in the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from ops.audit import load_audit
from ops.errors import InvalidRequest, NotAuthorised, NotFound, NotOffered, OpsError, Unreachable
from ops.operation import Operation, load_lookup, load_operation, spelled
from ops.params import PARSERS
from ops.plan import Planner, Step
from ops.question import Question

Answers = Mapping[str, str]
Inventory = Mapping[str, tuple[str, ...]]  # kind, group, name or what it has → the targets that are meant
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
NOT_HERE = (Unreachable, NotAuthorised)  # what may be wrong with one host without holding up the rest


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
class Look:
    """An audit that has the last word, once the steps are done."""

    audit: str
    arguments: Answers


@dataclass(frozen=True)
class Part:
    """One step as written; with ``each`` it is taken on every target that word means, with ``target`` on the first."""

    id: str
    do: str
    arguments: Answers
    needs: tuple[str, ...] = ()
    when: str = "true"
    unless: str = "false"
    target: str = ""
    each: str = ""


@dataclass(frozen=True)
class Playbook:
    """A checked playbook: every name known, every argument named, the steps in an order that honours needs."""

    name: str
    title: str
    help: str
    asks: tuple[Ask, ...]
    chooses: tuple[Choice, ...]
    parts: tuple[Part, ...]
    afterwards: tuple[Look, ...] = ()
    most: str = ""  # the setting that says how many rows one file may have
    emergency: bool = False  # waits for nobody, and leaves out what cannot be done rather than stopping
    at_least: str = ""  # the playbook for a day on which this one cannot even be planned
    replaces: str = ""  # the shipped playbook that a workspace's own takes the place of
    questions: tuple[Question, ...] = ()  # what a person states

    @property
    def guided(self) -> bool:
        """Whether it only asks: work that no command can do."""
        return bool(self.questions) and not self.parts

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


def plan_row(book: Playbook, answers: Answers, planner: Planner, inventory: Inventory, row: str = "") -> Bound:
    """Plan one row on the pictures of a planner. ``inventory`` says which targets a word means."""
    filled = dict(answers) | {ask.name: answers.get(ask.name) or ask.default or "" for ask in book.asks}
    notes = [note for choice in book.chooses for note in _choose(choice, filled, planner, inventory)]
    binding = _Binding(planner, inventory, filled, row, (OpsError,) if book.emergency else NOT_HERE)
    for part in book.parts:
        binding.add(part)
    if not binding.steps and set(binding.not_done) & {part.id for part in book.parts}:
        hint = "name them in its inventory: ops help workspace"
        raise NotFound(f"nothing of {spelled(book.name)} can be done: this workspace has no target for it", hint=hint)
    return Bound(filled, tuple(binding.steps), tuple(notes), tuple(binding.not_done))


class _Binding:
    """The steps of one row as they come about."""

    def __init__(
        self,
        planner: Planner,
        inventory: Inventory,
        answers: Answers,
        row: str,
        passed_over: tuple[type[OpsError], ...],
    ) -> None:
        self._planner, self._inventory, self._answers, self._row = planner, inventory, answers, row
        self._passed_over = passed_over
        self._ends: dict[str, tuple[str, ...]] = {}  # whom to wait for when told to wait for this part
        self.steps: list[Step] = []
        self.not_done: list[str] = []

    def add(self, part: Part) -> None:
        """Plan a part on each target it is for; what has no target, or one that does not answer, is noted."""
        needs = tuple(n for need in part.needs for n in self._ends[need])
        self._ends[part.id] = needs
        operation = load_operation(part.do)
        places = self._places(part, operation)
        if not places:
            self.not_done.append(part.id)
        if not places or not _wanted(part, self._answers):
            return
        arguments = _arguments(operation, part.arguments, self._answers)
        operation.bind(arguments)
        ids = [f"{self._row}{part.id}" + (f"@{place[operation.readers[0]]}" if part.each else "") for place in places]
        steps = [Step(i, part.do, p, arguments, needs, self._row) for i, p in zip(ids, places, strict=True)]
        done = [step.id for step in steps if self._planned(step, part)]
        self._ends[part.id] = tuple(done) or needs

    def _places(self, part: Part, operation: Operation) -> list[dict[str, str]]:
        """For every target of a part: kind of adapter → name; none if one of the kinds has no target here."""
        usual = {kind: (*self._inventory.get(kind, ()), "")[0] for kind in operation.readers}
        first = operation.readers[0]
        named: tuple[str, ...] = (usual[first],)
        if part.each or part.target:
            named = self._inventory.get(part.each or part.target, ())
        return [usual | {first: name} for name in named if all((usual | {first: name}).values())]

    def _planned(self, step: Step, part: Part) -> bool:
        """Plan one step; a host that does not answer or lets us do it does not hold up the rest, the directory does."""
        mark = self._planner.mark()
        try:
            self._planner.add(step)
        except NotOffered as error:
            self._planner.back_to(mark)
            self.not_done.append(f"{part.id} ({error})")
            return False
        except self._passed_over as error:
            if not (part.each or part.target):
                raise
            self._planner.back_to(mark)
            self.not_done.append(f"{step.id.removeprefix(self._row)}: {error}")
            return False
        self.steps.append(step)
        return True


def _choose(choice: Choice, filled: dict[str, str], planner: Planner, inventory: Inventory) -> Iterator[str]:
    if filled.get(choice.name):
        return
    look = load_lookup(choice.look)
    readers = [planner.projections[inventory[kind][0]] for kind in look.readers]
    chosen = look.function(*readers, **_arguments(look, choice.arguments, filled))
    filled[choice.name] = chosen.value
    if chosen.why:
        what = f"{choice.name.replace('_', ' ')} {chosen.value}".rstrip()
        yield f"{what}: {chosen.why}"


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
    for one in book.afterwards:
        load_audit(one.audit).bind(one.arguments)
        _names_known(path, one.arguments.values(), known)
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
    """The steps as they are written, but that each comes after those it needs."""
    by_id = {part.id: part for part in parts}
    if missing := sorted({need for part in parts for need in part.needs} - by_id.keys()):
        raise InvalidRequest(f"{source}: there is no step {missing[0]} to need")
    try:
        TopologicalSorter({part.id: part.needs for part in parts}).prepare()
    except CycleError as error:
        raise InvalidRequest(f"{source}: these steps wait for each other: {', '.join(error.args[1])}") from error
    placed: dict[str, Part] = {}
    while len(placed) < len(parts):
        ready = (part for part in parts if part.id not in placed and set(part.needs) <= placed.keys())
        first = next(ready)
        placed[first.id] = first
    return tuple(placed.values())
