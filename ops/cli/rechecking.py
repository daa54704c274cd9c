"""Reading a target again, months later: what a run brought about is still so, has changed since, or is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from evidence.event import Event
from evidence.ledger import Document, Ledger
from evidence.record import follows
from evidence.strength import ANOTHER
from ops.adapters.directory import DirectoryReader
from ops.adapters.directory_entry import Entry
from ops.adapters.directory_guards import privilege
from ops.cli.looking import record
from ops.cli.record import anchors_match, new_run
from ops.cli.site import Site
from ops.errors import Conflict, InvalidRequest, NotFound, OpsError
from ops.finding import Finding, Seen, Verdict
from ops.history import History, fold
from ops.plan import Item
from ops.public import planned

RULE = "still-so"


def recheck(site: Site, ledger: Ledger, run: str) -> tuple[str, tuple[tuple[Finding, ...], tuple[Seen, ...]]]:
    """Compare what is there with what a run left behind; returns the new record's run and what was found."""
    found = [finding for _, finding in _compared(site, ledger, run)]
    unread = tuple(one.about for one in found if one.verdict == Verdict.UNKNOWN)
    parts = tuple(found), (Seen(len(found) - len(unread), "changes", unread),)
    made = new_run()
    record(site, made, f"recheck of {run}", parts)
    return made, parts


def again(site: Site, ledger: Ledger, document: Document) -> dict[str, Any]:
    """What a second witness may sign about somebody else's record: what they read again, and through which account.

    Only a directory counts in which the performer has no more than lent rights: what a machine says is the word of
    whoever administers it. Raise ``Conflict`` where something is no longer as it was.
    """
    run, events = document.run, ledger.run(document.run)
    compared = _compared(site, ledger, run)
    if not _as_recorded(document, events):
        raise Conflict(f"record {run} does not say what its own events say", hint="speak about it; do not accept it")
    if moved := [finding for _, finding in compared if finding.verdict == Verdict.WARN]:
        hint = f"ops evidence recheck {run} --of … shows all of it; accept it without --recheck, or ask"
        raise Conflict(f"{moved[0].about}: {moved[0].because}", hint=hint)
    theirs = next((e.private["account"] for e in reversed(events) if e.private.get("account")), "")
    lent = {name: _lent(site.targets[name], theirs) for name in _directories(site)}
    still = sum(finding.verdict == Verdict.PASS and lent.get(item.target, False) for item, finding in compared)
    anchors = site.workspace.environment.anchors if anchors_match(site) else ()
    return {"still": still, "account": _account(site, theirs), "anchors": list(anchors)}


def _as_recorded(document: Document, events: Sequence[Event]) -> bool:
    """Whether the plan that is read again is what the record says was done: both came from the performer."""
    opened = next(event for event in events if event.kind == "planned")
    made = planned(document.run, fold(events).plan)
    same = made.body.items() <= opened.body.items() and made.private.items() <= opened.private.items()
    return same and follows(document.body, events)


def _directories(site: Site) -> list[str]:
    """The directories that were read, by name."""
    targets = site.workspace.targets
    return [name for name in site.targets if name in targets and targets[name].kind == "directory"]


def _account(site: Site, theirs: str) -> str:
    """Whether we read through another account than the performer's; both as the directories know them."""
    domains = {name: site.targets[name].domain for name in _directories(site)}
    actors = {name: found.ref for name in domains if (found := _found(site.targets[name], theirs))}
    if any(domains[name].actor == ref for name, ref in actors.items()):
        return "the same"
    return ANOTHER if actors and all(domain.confirmed for domain in domains.values()) else "an unknown"


def _lent(directory: DirectoryReader, theirs: str) -> bool:
    """Whether the performer has no power of their own over a directory."""
    found = _found(directory, theirs)
    return found is not None and not privilege(found, directory)


def _found(directory: DirectoryReader, account: str) -> Entry | None:
    with suppress(NotFound):
        return directory.account(account) if account else None
    return None


def _compared(site: Site, ledger: Ledger, run: str) -> list[tuple[Item, Finding]]:
    """Each change of a run with what became of it."""
    events = ledger.run(run)
    history = fold(events) if any(event.kind == "planned" for event in events) else None
    if history is None or not history.done():
        hint = "a statement is checked by a talk: ops journal discuss"
        raise InvalidRequest(f"run {run} changed nothing that could be read again", hint=hint)
    items = [history.plan.items[number] for number in history.done()]
    later = (_overwritten(history, items[place + 1 :]) for place in range(len(items)))
    own = ledger is site.ledger
    return [(item, _compare(site, history, item, wiped, own)) for item, wiped in zip(items, later, strict=True)]


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


def _compare(site: Site, history: History, item: Item, overwritten: frozenset[str], own: bool) -> Finding:
    """What became of one change; what lies with whoever did it, such as sheets, is out of somebody else's sight."""
    change: Any = item.change.known_as(history.born)
    said = f"{item.about}: {change.sentence()}"
    if not own and item.target not in site.workspace.targets:
        return Finding(change.subject, said, RULE, Verdict.UNKNOWN, f"your inventory has no {item.target}")
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
