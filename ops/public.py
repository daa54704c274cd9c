"""The public half of a plan: what a record may say for good, with people and hosts as references only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evidence.event import Event, now
from ops.change import name_of
from ops.plan import Item, Plan


@dataclass(frozen=True)
class Approval:
    """Somebody else's signature under the plan: the approver's key fingerprint, name and armored signature."""

    key: str
    person: str
    signature: str


def planned(run: str, plan: Plan, *, dry_run: bool = False, approval: Approval | None = None) -> Event:
    """The event that opens a run: the plan's hash and outline in public, its text and all names in private.

    Subjects become ``t1``, ``t2`` … in the order they first appear; ``private`` says who they are.
    """
    targets = {item.change.subject: item for item in reversed(plan.items)}
    refs = {subject: f"t{n}" for n, subject in enumerate(dict.fromkeys(i.change.subject for i in plan.items), 1)}
    body: dict[str, Any] = {
        "source": plan.source,
        "title": plan.title,
        "plan": plan.hash,
        "dry_run": dry_run,
        "operations": list(dict.fromkeys(step.operation for step in plan.steps)),
        "steps": [_outline(number, item, plan, refs) for number, item in enumerate(plan.items)],
        "not_done": list(plan.not_done),
    }
    names = {ref: {"ref": subject, "name": targets[subject].about} for subject, ref in refs.items()}
    private = {"plan": plan.dump(), **names, **{key: value for key, value in plan.why.items() if value}}
    if plan.undoes:
        body["undoes"] = plan.undoes
    if approval:
        body["approved_by"] = approval.key
        private["approval"] = {"person": approval.person, "signature": approval.signature}
    return Event(run, "planned", now(), body, private)


def _outline(number: int, item: Item, plan: Plan, refs: dict[str, str]) -> dict[str, Any]:
    operation = next((step.operation for step in plan.steps if step.id == item.step), item.step)
    return {
        "n": number,
        "operation": operation,
        "kind": name_of(item.change),
        "target": refs[item.change.subject],
        "guard": item.change.guard,
        "way_back": item.change.inverse() is not None,
        **item.change.public(),
    }
