"""Reading a target again, months later: what a run brought about is still so, has changed since, or is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evidence.ledger import Ledger
from ops.cli.looking import record
from ops.cli.record import new_run
from ops.cli.site import Site
from ops.errors import InvalidRequest, NotFound, OpsError
from ops.finding import Finding, Seen, Verdict
from ops.history import History, fold
from ops.plan import Item

RULE = "still-so"


def recheck(site: Site, ledger: Ledger, run: str) -> tuple[str, tuple[tuple[Finding, ...], tuple[Seen, ...]]]:
    """Compare what is there with what a run left behind; returns the new record's run and what was found."""
    events = ledger.run(run)
    history = fold(events) if any(event.kind == "planned" for event in events) else None
    if history is None or not history.done():
        hint = "a statement is checked by a talk: ops journal discuss"
        raise InvalidRequest(f"run {run} changed nothing that could be read again", hint=hint)
    items = [history.plan.items[number] for number in history.done()]
    found = [
        _compare(site, history, item, _overwritten(history, items[place + 1 :])) for place, item in enumerate(items)
    ]
    unread = tuple(one.about for one in found if one.verdict == Verdict.UNKNOWN)
    parts = tuple(found), (Seen(len(found) - len(unread), "changes", unread),)
    made = new_run()
    record(site, made, f"recheck of {run}", parts)
    return made, parts


def _overwritten(history: History, later: Sequence[Item]) -> frozenset[str]:
    """What the same run wrote again afterwards."""
    return frozenset(item.change.known_as(history.born).writes() for item in later)


def _still(change: Any, seen: Any, overwritten: frozenset[str]) -> bool:
    """Whether what is seen is what the run left; of a thing with fields, those it did not write again itself."""
    if seen == change.after:
        return True
    if not isinstance(seen, Mapping) or not isinstance(change.after, Mapping):
        return change.writes() in overwritten and seen is not None
    kept = {key: value for key, value in change.after.items() if f"{change.subject}#{key}" not in overwritten}
    return all(seen.get(key) == value for key, value in kept.items())


def _compare(site: Site, history: History, item: Item, overwritten: frozenset[str]) -> Finding:
    change: Any = item.change.known_as(history.born)
    said = f"{item.about}: {change.sentence()}"
    if change.one_shot:
        return Finding(change.subject, said, RULE, Verdict.UNKNOWN, "it leaves nothing that could be read again")
    try:
        seen = change.observe(site.targets[item.target])
    except NotFound:
        seen = None
    except OpsError as error:
        return Finding(change.subject, said, RULE, Verdict.UNKNOWN, f"it cannot be read: {error}")
    if _still(change, seen, overwritten):
        return Finding(change.subject, said, RULE, Verdict.PASS, "still true")
    if seen is None and change.after is not None:
        return Finding(change.subject, said, RULE, Verdict.WARN, "gone")
    return Finding(change.subject, said, RULE, Verdict.WARN, "changed since")
