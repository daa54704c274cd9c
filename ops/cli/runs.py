"""Finding runs in the ledger and saying how they ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evidence.event import BOOKKEEPING, Event
from ops.cli.site import Site
from ops.errors import InvalidRequest, NotFound
from ops.history import History, fold

SPOKEN = str.maketrans("/._", "  -")  # the path of a command, as it is typed
STATUS = {
    "verified": "completed",
    "failed": "failed",
    "refused": "refused",
    "interrupted": "interrupted",
    "stated": "stated",
}


def find_run(site: Site, text: str) -> str:
    """A run by its id or an unambiguous beginning of it; ``last`` is the newest."""
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
        raise InvalidRequest(f"{text} could be {', '.join(found[:4])}", hint="type more of it")
    return found[0]


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
        body = events[0].body
        if len(rows) == limit:
            break
        if events[0].kind in BOOKKEEPING:
            continue
        what = body.get("title") or body.get("source", "").translate(SPOKEN)
        rows.append({"run": one.run, "at": events[0].at, "what": str(what), "status": status_of(events)})
    return rows
