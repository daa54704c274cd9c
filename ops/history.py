"""What a run has done so far, folded from its events; the same fold serves resume, undo and records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from evidence.event import Event
from ops.errors import InvalidRequest, OpsError
from ops.plan import Plan, load

DONE = frozenset({"changed", "confirmed"})
ENDS = frozenset({"verified", "failed", "refused"})


@dataclass
class History:
    """Grows with the run, item by item; numbers are positions in the plan.

    ``states`` maps references of entries this run made to their state when it ended.
    """

    plan: Plan
    intents: set[int] = field(default_factory=set)
    outcomes: dict[int, str] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    born: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    again: set[int] = field(default_factory=set)  # intent durable, surely not applied
    errors: list[OpsError] = field(default_factory=list)  # of this process; they are not kept

    def retry(self) -> None:
        """Treat what failed as open: the target is read, and what is as it was before is tried again."""
        for number in [n for n, result in self.outcomes.items() if result not in DONE]:
            del self.outcomes[number]

    def open(self) -> list[int]:
        """Intents whose outcome nobody knows yet."""
        return sorted(self.intents - self.outcomes.keys() - self.again)

    def next_wave(self, most: int) -> list[int]:
        """Up to so many items that wait for nothing. What rests on a failed item is never reached."""
        wave: list[int] = []
        for number, item in enumerate(self.plan.items):
            if number not in self.outcomes and all(self.outcomes.get(n) in DONE for n in item.after):
                wave.append(number)
                if len(wave) == most:
                    break
        return wave

    def done(self) -> list[int]:
        """Items in force because of this run."""
        return [number for number in range(len(self.plan.items)) if self.outcomes.get(number) in DONE]

    def rows(self) -> dict[str, bool]:
        """Each CSV row of the plan, and whether all of its items are done."""
        rows = {step.row: True for step in self.plan.steps}
        for number, item in enumerate(self.plan.items):
            rows[item.row] = rows[item.row] and self.outcomes.get(number) in DONE
        return rows


def fold(events: Iterable[Event]) -> History:
    """Rebuild a run's history from its events alone."""
    history: History | None = None
    for event in events:
        if event.kind == "planned":
            history = _begun(event)
        elif history is not None:
            _take(history, event)
    if history is None:
        raise InvalidRequest("this run made no plan that could be gone on with")
    return history


def _begun(event: Event) -> History:
    if "plan" not in event.private:
        raise InvalidRequest("the names of this run were erased, so it can be neither resumed nor undone")
    return History(load(event.private["plan"]))


def _take(history: History, event: Event) -> None:
    number = event.body.get("item", -1)
    match event.kind:
        case "intent":
            history.intents.add(number)
        case "outcome":
            history.outcomes[number] = event.body["result"]
            history.reasons[number] = event.private.get("why", "")
            history.born |= event.private.get("born", {})
        case kind if kind in ENDS:
            history.states |= event.private.get("states", {})
