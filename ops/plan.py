"""Planning: steps against projections, into one canonical plan that can be saved, hashed and replayed."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from evidence.canonical import canonical, digest
from ops.change import Change, Premise, decode, encode, kind_of
from ops.errors import Conflict, InvalidRequest, OpsError, Refused
from ops.operation import load_operation

SHAPE = "plan/1"
MANY = 20  # steps from which a rehearsal pays
ROUNDS = 4  # questions that follow from answers: place and groups, who has the name, what the groups lie in
KEPT = timedelta(hours=24)


class Adapter(Protocol):
    """What the engine needs of any adapter; everything else is between it and its changes."""

    def projection(self) -> Any: ...
    def snapshot(self, refs: Iterable[str]) -> Any: ...
    def apply_all(self, changes: Sequence[Any]) -> list[OpsError | None]: ...


Targets = Mapping[str, Adapter]  # name of a target in the inventory → its open adapter


@dataclass(frozen=True)
class Step:
    """One operation with its arguments bound. ``targets`` maps kinds of adapter to names of targets.

    ``id`` is unique in the plan; ``row`` names the CSV row it belongs to, empty for a single run.
    """

    id: str
    operation: str
    targets: Mapping[str, str]
    arguments: Mapping[str, Any]
    needs: tuple[str, ...] = ()
    row: str = ""


@dataclass(frozen=True)
class Item:
    """One change of a plan, how a person knows its subject, and the items that must be done before it."""

    step: str
    target: str
    about: str
    change: Change[Any]
    premises: tuple[Premise[Any], ...] = ()
    after: tuple[int, ...] = ()
    row: str = ""


@dataclass(frozen=True)
class Plan:
    """What will be done, whole, with no secret in it. ``not_done`` names steps that have no target here.

    ``source`` names the playbook or operation asked for; ``why`` holds ticket and reason; ``made`` is RFC 3339.
    """

    title: str
    source: str
    steps: tuple[Step, ...]
    items: tuple[Item, ...]
    not_done: tuple[str, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""
    made: str = ""
    undoes: str = ""  # the run that this plan takes back

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text: what an approver signs."""
        return digest(canonical(_body(self)))

    @property
    def irreversible(self) -> tuple[Item, ...]:
        """The items with no way back, whose subject is not itself made by this plan."""
        made = {item.change.subject for item in self.items if item.change.before is None}
        return tuple(i for i in self.items if i.change.inverse() is None and i.change.subject not in made)

    def dump(self) -> str:
        """The text of a plan file."""
        body = _body(self)
        return canonical(body | {"hash": digest(canonical(body))}).decode()


def load(text: str) -> Plan:
    """Read a plan back; a changed character is refused, unless somebody made the hash anew: see ``told``."""
    try:
        body = json.loads(text)
        claimed = body.pop("hash")
        if body.pop("shape") != SHAPE:
            raise InvalidRequest("the plan was saved by another version", hint="plan again")
        steps = tuple(Step(**decode(step)) for step in body.pop("steps"))
        items = tuple(Item(**decode(item)) for item in body.pop("items"))
        plan = Plan(steps=steps, items=items, **decode(body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidRequest("this is not a plan file, or it was cut short", hint="plan again") from error
    if claimed != plan.hash:
        raise InvalidRequest("the plan file was edited since it was saved", hint="plan again")
    return plan


def expired(plan: Plan, at: datetime | None = None) -> bool:
    """Whether the plan is too old to be carried out."""
    return datetime.fromisoformat(plan.made) + KEPT < (at or datetime.now(UTC))


class Projections(dict[str, Any]):
    """One projection per target, made when first asked for, shared by all steps and rows."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets

    def __missing__(self, target: str) -> Any:
        self[target] = self._targets[target].projection()
        return self[target]

    def heirs(self) -> Projections:
        """Fresh pictures that know of these only what will be there: for planning on, batch after batch."""
        fresh = Projections(self._targets)
        fresh.update({target: projection.heir() for target, projection in self.items()})
        return fresh

    def twin(self, target: str) -> Any:
        """A picture of the same target that asks nothing, for a rehearsal."""
        return self[target].rehearsal()


class Rehearsal(Projections):
    """Pictures of the same targets as another set of projections has, which answer from memory only."""

    def __init__(self, real: Projections) -> None:
        super().__init__({})
        self._real = real

    def __missing__(self, target: str) -> Any:
        self[target] = self._real.twin(target)
        return self[target]


class Planner:
    """Plans steps one after another, each on what the earlier ones will have left."""

    def __init__(self, projections: Projections) -> None:
        self.projections = projections
        self.items: list[Item] = []
        self._last: dict[str, int] = {}  # what was written → the item that wrote it last
        self._ends: dict[str, tuple[int, ...]] = {}  # step → its items, or those of its needs if it has none

    def add(self, step: Step) -> None:
        """Plan one step. Raises what its operation, its premises or the projection refuse; writes to no target."""
        needed = tuple(n for need in step.needs for n in self._ends[need])
        own: list[int] = []
        premises: list[Premise[Any]] = []
        self._ends[step.id] = needed
        operation = load_operation(step.operation)
        readers = [self.projections[step.targets[kind]] for kind in operation.readers]
        for part in operation.function(*readers, **step.arguments):
            if isinstance(part, Premise):
                part.check(self.projections[step.targets[kind_of(part)]])
                premises.append(part)
            else:
                own.append(self._item(step, part, premises, needed, own))
        self._ends[step.id] = tuple(own) or needed

    def mark(self) -> tuple[int, dict[str, int]]:
        """Where planning stands, for ``back_to``."""
        return len(self.items), {target: projection.mark() for target, projection in self.projections.items()}

    def back_to(self, mark: tuple[int, dict[str, int]]) -> None:
        """Forget all that was planned since, as when a row turns out to be impossible half way."""
        length, places = mark
        del self.items[length:]
        self._last = {key: number for key, number in self._last.items() if number < length}
        for target, projection in self.projections.items():
            projection.back_to(places.get(target, 0))

    def _item(
        self, step: Step, change: Change[Any], premises: list[Premise[Any]], needed: tuple[int, ...], own: list[int]
    ) -> int:
        target = step.targets[kind_of(change)]
        projection = self.projections[target]
        change.apply(projection)
        about = change.about() or projection.about(change.subject)
        keys = (f"{target}/{key}" for key in (change.writes(), *change.rests_on()))
        across = (n for n in own if self.items[n].target != target)  # within a step, another target waits
        after = sorted({*needed, *across, *(self._last[key] for key in keys if key in self._last)})
        self._last[f"{target}/{change.writes()}"] = len(self.items)
        mine = tuple(p for p in premises if p.subject in (change.subject, *change.rests_on()))
        self.items.append(Item(step.id, target, about, change, mine, tuple(after), step.row))
        return len(self.items) - 1


def make(steps: Sequence[Step], projections: Projections, once: Container[str] = ()) -> tuple[Item, ...]:
    """The items of these steps; those of ``once`` have been done, and may be refused a second time."""
    if len(steps) > MANY:
        rehearse(projections, [partial(_plan_rows, rows) for _, rows in groupby(steps, lambda step: step.row)])
    planner = Planner(projections)
    for step in steps:
        with suppress(Refused) if step.id in once else nullcontext():
            planner.add(step)
    return tuple(planner.items)


def _plan_rows(steps: Iterable[Step], projections: Projections) -> None:
    planner = Planner(projections)
    for step in steps:
        planner.add(step)


def rehearse(projections: Projections, acts: Sequence[Callable[[Projections], object]]) -> None:
    """Act first on pictures that answer from memory, to learn what will be asked; then ask it all in few searches.

    The first act goes alone until it asks for nothing new: what all have in common is known by then. What goes
    wrong in a rehearsal is of no interest: the real one follows.
    """
    for some in (*[acts[:1]] * ROUNDS, acts):
        twins = Rehearsal(projections)
        for act in some:
            with suppress(OpsError):
                act(twins)
        for target, twin in twins.items():
            projections[target].warm(twin.asked())


def replay(items: Sequence[Item], projections: Projections) -> None:
    """Apply the changes to projections only: raises where a target has moved on since, guards included."""
    for item in items:
        projection = projections[item.target]
        try:
            for premise in item.premises:
                premise.check(projection)
            item.change.apply(projection)
        except Conflict as error:
            raise Conflict(f"{item.about}: {error}", hint=error.hint) from error


def told(items: Iterable[Item]) -> list[Any]:
    """Items as text and numbers, without the mark that a creation is given anew each time it is planned."""
    rows = [encode(vars(item)) for item in items]
    for row in rows:
        if isinstance(row["change"]["after"], dict):
            row["change"]["after"].pop("adminDescription", None)
    return rows


def remaining(plan: Plan, projections: Projections) -> tuple[Item, ...]:
    """Plan the steps again as they were bound, values chosen and all: what is still to do."""
    return make(plan.steps, projections)


def left(plan: Plan, projections: Projections) -> tuple[Item, ...]:
    """What is still to do of a plan that was carried out, but for what leaves no state that could tell."""
    lasting = {item.step for item in plan.items if not item.change.one_shot}
    again = make(plan.steps, projections, {item.step for item in plan.items} - lasting)
    return tuple(item for item in again if not item.change.one_shot)


def stamped(plan: Plan, made: str) -> Plan:
    """The plan with its moment of making."""
    return replace(plan, made=made)


def _body(plan: Plan) -> dict[str, Any]:
    parts = {name: encode(value) for name, value in vars(plan).items() if name not in ("steps", "items")}
    steps = [encode(vars(step)) for step in plan.steps]
    items = [encode(vars(item)) for item in plan.items]
    return {"shape": SHAPE, **parts, "steps": steps, "items": items}
