"""Finding runs in the ledger and saying how they ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from evidence.event import BOOKKEEPING, Event
from ops.cli.site import Site
from ops.errors import InvalidRequest, NotFound, OpsError
from ops.history import History, fold

BATCH = re.compile(r"(.+)-[0-9]+")  # how the runs of a file of rows are called
SUBJECT = re.compile(r"t[0-9]+")  # what a plan changes, as its event names it
FEW = 4
GOING_ON = frozenset({"interrupted", "unfinished", "failed"})  # how a run ends that can be resumed
SPOKEN = str.maketrans("/._", "  -")  # the path of a command, as it is typed
STATUS = {
    "verified": "completed",
    "failed": "failed",
    "refused": "refused",
    "interrupted": "interrupted",
    "stated": "stated",
}


def find_run(site: Site, text: str, verb: str = "") -> str:
    """A run by its id or an unambiguous beginning of it; ``last`` is the newest.

    A file of rows is several runs; ``verb`` (undo, resume) is what the next step does with each of them.
    """
    ids = [row.run for row in site.ledger.runs()]
    if text == "last":
        ids = [one for one in ids if any(e.kind in ("outcome", "answered") for e in site.ledger.run(one))] or ids
        text = ids[0] if ids else text
    found = [one for one in ids if one.upper().startswith(text.upper())]
    if text.upper() in found:
        return text.upper()
    if not found:
        raise NotFound(f"there is no run {text}", hint="ops run list")
    if len(found) > 1:
        several = InvalidRequest(f"{text} could be {few(found)}", hint="type more of it")
        raise _a_whole_file(site, found, verb) or several
    return found[0]


def few(names: Sequence[str], between: str = ", ") -> str:
    """Some of them, and a sign if there are more."""
    return between.join([*names[:FEW], "…"] if len(names) > FEW else names)


def _a_whole_file(site: Site, found: Sequence[str], verb: str) -> InvalidRequest | None:
    """What to say if these runs, the newest first, are the batches of one file of rows; None if they are not."""
    files = {match[1] if (match := BATCH.fullmatch(run)) else run for run in found}
    if len(files) > 1:
        return None
    said = f"{files.pop()} is a file of rows, done in {len(found)} runs: {few([_lines(site, run) for run in found])}"
    wanted = [run for run in found if verb != "resume" or status_of(site.ledger.run(run)) in GOING_ON]
    if not wanted:
        return InvalidRequest(said, hint="none of them is unfinished; for rows that are left, the same command again")
    if verb == "undo":
        return InvalidRequest(said, hint=f"ops run undo {way_back(wanted[::-1])}")
    return InvalidRequest(said, hint=few([f"ops run {verb or 'show'} {run}" for run in wanted], "; "))


def way_back(batches: Sequence[str]) -> str:
    """In which order the batches of a file are taken back: the newest first."""
    newest = list(reversed(batches))
    return newest[0] if len(newest) == 1 else f"{newest[0]}, then {few(newest[1:], ', then ')}"


def _lines(site: Site, run: str) -> str:
    """A batch with the lines of the file it was about, as far as they are known."""
    lines: list[int] = []
    with suppress(OpsError):
        lines = sorted({int(step.row.rstrip("/")) for step in history_of(site, run).plan.steps if step.row})
    if not lines:
        return run
    return f"{run} (line {lines[0]})" if len(lines) == 1 else f"{run} (lines {lines[0]} to {lines[-1]})"


def history_of(site: Site, run: str) -> History:
    """What a run has done so far."""
    return fold(site.ledger.run(run))


def status_of(events: Sequence[Event]) -> str:
    """How a run ended, in a word; ``unfinished`` if it did not."""
    planned = next((event for event in events if event.kind == "planned"), None)
    ends = [event for event in events if event.kind in STATUS]
    if planned is not None and planned.body.get("dry_run"):
        return "dry run"
    if any(event.kind == "audited" for event in events):
        return "audited"
    if not ends:
        return "unfinished"
    if ends[-1].kind == "verified" and not ends[-1].body.get("changes"):
        return "already so"
    return STATUS[ends[-1].kind]


def summary_rows(site: Site, limit: int) -> list[dict[str, Any]]:
    """The newest runs as rows."""
    rows: list[dict[str, Any]] = []
    for one in site.ledger.runs():
        events = site.ledger.run(one.run)
        if len(rows) == limit:
            break
        if events[0].kind in BOOKKEEPING:
            continue
        what, whom = what_of(events), about(events)
        rows.append({"run": one.run, "at": events[0].at, "what": what, "about": whom, "status": status_of(events)})
    return rows


def what_of(events: Sequence[Event]) -> str:
    """What a run does, in a few words."""
    body = events[0].body
    return str(body.get("title") or body.get("source", "").translate(SPOKEN))


def about(events: Sequence[Event]) -> str:
    """About whom a run is, in a few words; empty where nobody is named."""
    return few(names_in(events))


def names_in(events: Sequence[Event]) -> list[str]:
    """The names of those a run is about, each once, as far as this workspace still knows them."""
    planned = next((event.private for event in events if event.kind == "planned"), {})
    named = sorted((int(key[1:]), value["name"]) for key, value in planned.items() if SUBJECT.fullmatch(key))
    return list(dict.fromkeys(name for _, name in named))
