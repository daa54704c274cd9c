"""Undo: the inverses of what a run did, last first, as a plan like any other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ops.change import Change
from ops.errors import Conflict
from ops.history import History
from ops.plan import Item, Plan, Projections


@dataclass(frozen=True)
class Undo:
    """A plan of inverses; ``lost`` says what cannot come back, ``already`` what is back already."""

    plan: Plan
    lost: tuple[str, ...]
    already: tuple[str, ...]


class MovedOn(Conflict):
    """What a run had set was changed since; ``way_back`` is the change at ``target`` that found it so."""

    def __init__(self, message: str, target: str, way_back: Change[Any]) -> None:
        super().__init__(message, hint="look at what is there now; what is left is taken back by hand")
        self.target, self.way_back = target, way_back

    def moved_by(self, later: History) -> bool:
        """Whether a later run wrote the same; what is to be deleted, any change moves."""
        return any(self._meets(later.plan.items[number], later) for number in later.done())

    def _meets(self, item: Item, later: History) -> bool:
        change = item.change.known_as(later.born)
        same = change.writes() == self.way_back.writes()
        deleted = self.way_back.after is None and change.subject == self.way_back.subject
        return item.target == self.target and (same or deleted)


def plan_undo(history: History, projections: Projections) -> Undo:
    """Turn the plan's edges round and invert what was done, on a picture of how things stand now.

    A change without a way back is no loss if its subject itself goes again. Raises ``MovedOn`` as a whole
    if anybody has moved what this run had set: then nothing is touched.
    """
    items: list[Item] = []
    place: dict[int, tuple[int, ...]] = {}
    lost: list[str] = []
    already: list[str] = []
    born = set(history.born.values())
    going = _going(history, projections)
    for number in reversed(history.done()):
        done = history.plan.items[number]
        projection = projections[done.target]
        change = _as_it_ended(done.change.known_as(history.born), history)
        changes = change.undo(projection)
        followers = [n for n, item in enumerate(history.plan.items) if number in item.after]
        after = tuple(sorted({p for n in followers for p in place.get(n, ())}))
        place[number] = after
        if (change.subject in going and change.before is not None) or going.intersection(change.goes_with()):
            continue
        if _stays(number, done, history, born):
            if done.change.inverse() is None:
                lost.append(f"{done.about} {done.change.sentence()}")
            continue
        own: list[int] = []
        for inverse in changes:
            if inverse.observe(projection) == inverse.after:
                already.append(f"{done.about} {inverse.sentence()}")
                continue
            _try(inverse, projection, done)
            own.append(len(items))
            items.append(
                Item(done.step, done.target, done.about, inverse, done_premises(done, history), after, done.row)
            )
        place[number] = tuple(own) or after
    title = f"Take back: {history.plan.title}"
    plan = replace(history.plan, title=title, items=tuple(items), not_done=())
    return Undo(plan, tuple(lost), tuple(already))


def _try(inverse: Change[Any], projection: Any, done: Item) -> None:
    """Take a change back on the picture."""
    try:
        inverse.apply(projection)
    except Conflict as error:
        raise MovedOn(f"{done.about}: {error}", done.target, inverse) from error


def _stays(number: int, done: Item, history: History, born: set[str]) -> bool:
    """Whether a change has no way back, or follows one of those in its step: a sheet stays with its password."""
    if done.change.known_as(history.born).subject in born:
        return False
    if done.change.inverse() is None:
        return True
    before = [history.plan.items[n] for n in done.after if n != number]
    on = [item for item in before if item.step == done.step]
    return any(item.change.inverse() is None and item.change.known_as(history.born).subject not in born for item in on)


def done_premises(done: Item, history: History) -> tuple[Any, ...]:
    """The guards of the original change, over what it is called now; uniqueness no longer matters."""
    known = (premise.known_as(history.born) for premise in done.premises)
    return tuple(p for p in known if p.guards_subject)


def _as_it_ended(change: Change[Any], history: History) -> Change[Any]:
    known = getattr(change, "state", None)
    state: dict[str, Any] = {"state": history.states.get(change.subject, "")} if known is not None else {}
    return replace(change, **state)


def _going(history: History, projections: Projections) -> set[str]:
    """What this run made and its undo removes again: changes inside it need no way back of their own."""
    gone = set()
    for number in history.done():
        item = history.plan.items[number]
        if item.change.before is None and item.change.subject in history.born:
            change = _as_it_ended(item.change.known_as(history.born), history)
            if any(inverse.after is None for inverse in change.undo(projections[item.target])):
                gone.add(change.subject)
    return gone
