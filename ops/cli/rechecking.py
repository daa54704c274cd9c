"""Reading a target again, months later: what a run brought about is still so, has changed since, or is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evidence.ledger import Ledger
from evidence.strength import ANOTHER
from ops.adapters.directory_guards import privilege
from ops.cli.looking import record
from ops.cli.record import actor, anchors_match, new_run
from ops.cli.site import Site
from ops.errors import Conflict, InvalidRequest, NotFound, OpsError
from ops.finding import Finding, Seen, Verdict
from ops.history import History, fold
from ops.plan import Item

RULE = "still-so"


def recheck(site: Site, ledger: Ledger, run: str) -> tuple[str, tuple[tuple[Finding, ...], tuple[Seen, ...]]]:
    """Compare what is there with what a run left behind; returns the new record's run and what was found."""
    found = [finding for _, finding in _compared(site, ledger, run)]
    unread = tuple(one.about for one in found if one.verdict == Verdict.UNKNOWN)
    parts = tuple(found), (Seen(len(found) - len(unread), "changes", unread),)
    made = new_run()
    record(site, made, f"recheck of {run}", parts)
    return made, parts


def again(site: Site, ledger: Ledger, run: str) -> dict[str, Any]:
    """What a second witness may sign about a run of somebody else: what they read again, and through which account.

    Only a directory counts in which the performer has no more than lent rights: what a machine says is the word of
    whoever administers it. Raise ``Conflict`` where something is no longer as it was.
    """
    compared = _compared(site, ledger, run)
    if moved := [finding for _, finding in compared if finding.verdict == Verdict.WARN]:
        hint = f"ops evidence recheck {run} --of … shows all of it; accept it without --recheck, or ask"
        raise Conflict(f"{moved[0].about}: {moved[0].because}", hint=hint)
    theirs = next((e.private["account"] for e in reversed(ledger.run(run)) if e.private.get("account")), "")
    counted = [finding for item, finding in compared if _independent(site, item.target, theirs)]
    still = sum(finding.verdict == Verdict.PASS for finding in counted)
    anchors = site.workspace.environment.anchors if anchors_match(site) else ()
    return {"read": len(counted), "still": still, "account": _account(site, theirs), "anchors": list(anchors)}


def _account(site: Site, theirs: str) -> str:
    """Whether we read through another account than the performer's; both as the directory knows them."""
    mine, confirmed = actor(site)
    if not theirs or not confirmed:
        return "an unknown"
    return "the same" if _logon(mine) == _logon(theirs) else ANOTHER


def _logon(account: str) -> str:
    return account.partition("@")[0].rpartition("\\")[2].casefold()


def _independent(site: Site, target: str, performer: str) -> bool:
    """Whether a target is a directory over which the performer has no power of its own."""
    known = site.workspace.targets.get(target)
    if known is None or known.kind != "directory" or not performer:
        return False
    directory = site.targets[target]
    return not privilege(directory.account(_logon(performer)), directory)


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
