"""Applying a plan: intent, compare-and-swap, read back, outcome; and going on after a crash.

Changes go in waves: a wave is any number of changes of which none waits for another. Its intents reach the
disk in one transaction, together with the outcomes of the wave before, ahead of its first write; one read of
all subjects follows its last. A wave of one is the rule for a single person's run; bulk rows share waves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

from evidence.event import Event, now
from ops.change import Change
from ops.errors import ApplyFailed, Conflict, EvidenceUnavailable, NotVerified, OpsError, OutcomeUnknown, PartlyDone
from ops.history import History
from ops.keeper import Keeper
from ops.plan import Item, Plan, Projections, Targets, left, rehearse, replay
from ops.public import Approval, planned
from ops.secret import Slot

Recorder = Callable[..., object]  # (*events, owed=False); all are on disk when it returns


class Interrupted(OpsError):
    """Somebody pressed Ctrl-C; the wave that was under way has been finished."""

    exit_code = 130
    page = "interrupted"


def never() -> bool:
    """The default of ``Run.stop``: nobody asks to stop."""
    return False


def silent(done: int, of: int) -> None:
    """The default of ``Run.progress``: nobody is told."""


@dataclass(frozen=True)
class Run:
    """A plan being carried out; writes its own history through ``record``."""

    id: str
    targets: Targets
    record: Recorder
    keeper: Keeper
    wave: int = 1
    stop: Callable[[], bool] = never
    progress: Callable[[int, int], None] = silent
    owed: list[Event] = field(default_factory=list)  # outcomes not yet on disk

    def start(self, plan: Plan, check: bool = True, approval: Approval | None = None) -> History:
        """Check that nothing moved since planning, then apply and verify. Returns what happened."""
        if check:
            replay(plan.items, Projections(self.targets))
        self.record(planned(self.id, plan, approval=approval))
        return self.go_on(History(plan))

    def go_on(self, history: History) -> History:
        """Carry on from whatever the history says is done; what failed before is looked at and tried again."""
        history.retry()
        self._settle(history)
        while wave := history.next_wave(self.wave):
            if self.stop():
                self._note("interrupted", history)
                raise Interrupted("stopped between two changes; nothing is half done", hint=f"ops run resume {self.id}")
            self._carry_out(wave, history)
            self.progress(len(history.outcomes), len(history.plan.items))
        self._verify(history)
        return history

    def _settle(self, history: History) -> None:
        """Give every intent without an outcome one, by looking at the target."""
        for number in history.open():
            known = history.plan.items[number].change.known_as(history.born)
            kept = self._kept(number, history)
            change, adapter = (
                self._ready(number, history) if kept else (known, self.targets[history.plan.items[number].target])
            )
            if (kept or not change.one_shot) and change.holds(adapter):
                history.born.update(change.born(adapter))
                self._outcome(history, number, "confirmed", proof=change.proof(adapter))
            elif change.one_shot and not change.repeatable:
                raise OutcomeUnknown(f"{self._about(number, history)}: nobody can say whether it happened")
            elif change.one_shot or change.observe(adapter) == change.before:
                history.again.add(number)
            else:
                self._outcome(history, number, "conflict", Conflict("it is neither as it was before nor as planned"))

    def _carry_out(self, wave: Sequence[int], history: History) -> None:
        readers = Projections(self.targets)
        if len(wave) > 1:
            rehearse(readers, [partial(self._check_premises, number, history) for number in wave])
        sound = [number for number in wave if self._premises_hold(number, history, readers)]
        try:
            for number in sound:  # a secret must outlive us before its intent does
                self._ready(number, history)
        except OpsError:
            self._write_down([])
            raise
        self._write_down([self._event("intent", item=n) for n in sound if n not in history.intents])
        history.intents.update(sound)
        for target in dict.fromkeys(history.plan.items[n].target for n in sound):
            self._apply(target, [n for n in sound if history.plan.items[n].target == target], history)

    def _premises_hold(self, number: int, history: History, readers: Projections) -> bool:
        """Whether an item's guards and premises hold right now."""
        try:
            self._check_premises(number, history, readers)
        except OpsError as error:
            self._outcome(history, number, "failed", error)
            return False
        return True

    def _check_premises(self, number: int, history: History, readers: Projections) -> None:
        """Raise what does not hold; an entry this run itself made needs no guard."""
        item = history.plan.items[number]
        for premise in item.premises:
            if premise.subject not in history.born or not premise.guards_subject:
                premise.known_as(history.born).check(readers[item.target])

    def _apply(self, target: str, numbers: Sequence[int], history: History) -> None:
        changes = {n: self._ready(n, history)[0] for n in numbers}
        said = dict(zip(numbers, self.targets[target].apply_all(list(changes.values())), strict=True))
        seen = self.targets[target].snapshot([changes[n].subject for n in numbers if said[n] is None])
        for number, error in said.items():
            if error is not None:
                self._outcome(history, number, "failed", error)
                continue
            change = changes[number]
            history.born.update(change.born(seen))
            in_force = change.one_shot or change.holds(seen)
            proof = change.proof(self.targets[target]) if in_force else {}
            self._outcome(history, number, "changed" if in_force else "not-as-planned", proof=proof)

    def _outcome(
        self,
        history: History,
        number: int,
        result: str,
        error: OpsError | None = None,
        proof: Mapping[str, Any] | None = None,
    ) -> None:
        why = str(error) if error else ""
        subject = history.plan.items[number].change.subject
        private: dict[str, Any] = {"why": why} if why else {}
        if subject in history.born:
            private["born"] = {subject: history.born[subject]}
        measured = {"proof": dict(proof)} if proof else {}
        self.owed.append(self._event("outcome", private, item=number, result=result, **measured))
        history.outcomes[number] = result
        history.reasons[number] = why
        if error:
            history.errors.append(error)

    def _write_down(self, events: Sequence[Event]) -> None:
        """Put what is owed and what comes next on disk, together; owed outcomes alone if there is no room."""
        waiting = [*self.owed, *events]
        if not waiting:
            return
        try:
            self.record(*waiting)
        except EvidenceUnavailable:
            if self.owed:
                self.record(*self.owed, owed=True)
                self.owed.clear()
            raise
        self.owed.clear()

    def _verify(self, history: History) -> None:
        """Planning again must find nothing; one-shot changes are asked themselves; an undo reads back."""
        unfinished = len(history.plan.items) - len(history.done())
        if unfinished:
            self._note("failed", history, items=unfinished)
            self._forget(history)
            raise self._incomplete(history, unfinished)
        if wrong := [*self._again(history), *self._unproved(history)]:
            self._note("failed", history, left=len(wrong))
            raise NotVerified(f"{wrong[0]} did not hold", hint=self._hint())
        self._note("verified", history, changes=len(history.plan.items))
        self._forget(history)

    def _forget(self, history: History) -> None:
        """Let go of secrets, but for those that are in force and not delivered yet: resume still needs them."""
        done = set(history.done())
        keys: dict[str, set[bool]] = {}
        for number, item in enumerate(history.plan.items):
            for slot in _slots(item.change).values():
                keys.setdefault(self._key(number, history, slot), set()).add(number in done)
        waiting = {key for key, states in keys.items() if states == {True, False}}
        self.keeper.forget(keys.keys() - waiting)

    def _incomplete(self, history: History, unfinished: int) -> OpsError:
        """Partly done; or, if nothing was done, the first refusal as what it is: missing rights, a conflict …"""
        first = next((why for why in history.reasons.values() if why), "")
        said = f"{unfinished} of {len(history.plan.items)} changes were not made: {first}"
        if history.done():
            return PartlyDone(said, hint=self._hint())
        if not history.errors:
            return ApplyFailed(said, hint=self._hint())
        return history.errors[0].retold(said, hint=history.errors[0].hint)

    def _hint(self) -> str:
        return f"ops run show {self.id}; to go on: ops run resume {self.id}; to take it back: ops run undo {self.id}"

    def _again(self, history: History) -> Iterator[str]:
        if history.plan.undoes:
            return
        for item in left(history.plan, Projections(self.targets)):
            yield f"{item.about}: {item.change.sentence()}"

    def _unproved(self, history: History) -> Iterator[str]:
        """One-shots, unless their secret was let go of by a run before; all of an undo but what it has removed."""
        items = history.plan.items
        removed = {item.change.subject for item in items if item.change.after is None}
        for number, item in enumerate(items):
            gone = item.change.subject in removed and item.change.after is not None
            if (item.change.one_shot and self._kept(number, history)) or (history.plan.undoes and not gone):
                change, adapter = self._ready(number, history)
                if not change.holds(adapter):
                    yield f"{item.about}: {item.change.sentence()}"

    def _states(self, history: History) -> dict[str, str]:
        """Of every entry this run made, the state it ends with: an undo deletes only what nobody touched."""
        found: dict[str, str] = {}
        made = [item for item in history.plan.items if item.change.subject in history.born]
        for target in dict.fromkeys(item.target for item in made):
            changes = [item.change.known_as(history.born) for item in made if item.target == target]
            seen = self.targets[target].snapshot(change.subject for change in changes)
            found |= {change.subject: state for change in changes if (state := change.state_seen(seen))}
        return found

    def _ready(self, number: int, history: History) -> tuple[Change[Any], Any]:
        """The change as it can be applied now: real references, and its secret if it has one."""
        item: Item = history.plan.items[number]
        change = item.change.known_as(history.born)
        secrets: dict[str, Any] = {
            name: self.keeper.fill(self._key(number, history, slot), slot) for name, slot in _slots(change).items()
        }
        return replace(change, **secrets) if secrets else change, self.targets[item.target]

    def _kept(self, number: int, history: History) -> bool:
        """Whether every secret of this change is still there to be used or compared."""
        slots = _slots(history.plan.items[number].change).values()
        return all(self.keeper.has(self._key(number, history, slot)) for slot in slots)

    def _key(self, number: int, history: History, slot: Slot) -> str:
        """One row has one secret per source, so what sets a password and what delivers it share it."""
        return f"{self.id}-{history.plan.items[number].row}-{slot.source}"

    def _about(self, number: int, history: History) -> str:
        return history.plan.items[number].about

    def _note(self, kind: str, history: History, **body: object) -> None:
        states = self._states(history) if history.born and kind != "interrupted" else {}
        self._write_down([self._event(kind, {"states": states} if states else {}, **body)])

    def _event(self, kind: str, private: dict[str, Any] | None = None, **body: object) -> Event:
        return Event(self.id, kind, now(), body, private or {})


def _slots(change: Change[Any]) -> dict[str, Slot]:
    return {f.name: value for f in fields(change) if isinstance(value := getattr(change, f.name), Slot)}
