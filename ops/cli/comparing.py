"""What an audit found that it had not found before, and what it finds no more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from evidence.event import Event
from ops.cli.site import Site
from ops.cli.tabled import Said
from ops.errors import NotFound

PART = re.compile(r" [0-9]+/[0-9]+$")  # of the data of a backup: another one each time, and the same question

Row = tuple[str, ...]  # about, rule, verdict, because, subject


def compared_all(site: Site, audits: Sequence[str], since: str) -> Said:
    """The same for several audits at once; what was not run twice is said, unless none was."""
    found: list[Said] = []
    untold: list[NotFound] = []
    for audit in audits:
        try:
            found.append(compared(site, audit, since))
        except NotFound as error:
            untold.append(error)
    if not found:
        raise untold[0]
    rows = [row for said in found for row in said.rows]
    notes = [*(note for said in found for note in said.notes), *([str(error) for error in untold] if not since else ())]
    same = sum(said.more["same"] for said in found)
    return Said("changes", found[0].columns, rows, found[0].none, notes, {"same": same})


def compared(site: Site, audit: str, since: str) -> Said:
    """The last run of an audit against the one before it, or against a run that is named."""
    runs = _runs(site, audit)
    if len(runs) < 2 and not since:
        raise NotFound(
            f"{audit} was run {len(runs)} times, so there is nothing to compare", hint=f"ops audit run {audit}"
        )
    named = next((event for event in runs if since and event.run.startswith(since.upper())), None)
    if since and named is None:
        raise NotFound(f"{audit} has no run {since}", hint="ops run list names the runs")
    before, after = named or runs[-2], runs[-1]
    old, new = ({(row[-1], PART.sub(" part", row[1])): row for row in _found(event)} for event in (before, after))
    rows = [_row("new", row) for key, row in new.items() if key not in old]
    rows += [_row("changed", row) for key, row in new.items() if key in old and row[2] != old[key][2]]
    rows += [_row("gone", row) for key, row in old.items() if key not in new]
    same = sum(1 for key in new if key in old and new[key][2] == old[key][2])
    columns = {"": "change", "verdict": "verdict", "who": "about", "what": "rule", "because": "because"}
    runs_ = " against ".join(f"{one.at[:16].replace('T', ' ')} ({one.run})" for one in (before, after))
    note = f"{runs_}; {same} findings are as they were"
    return Said("changes", columns, rows, "nothing changed", [note], {"same": same})


def _runs(site: Site, audit: str) -> list[Event]:
    ledger = site.ledger
    found = (event for run in ledger.runs() for event in ledger.run(run.run) if event.kind == "audited")
    return sorted((event for event in found if event.body["source"] == audit), key=lambda event: event.at)


def _found(event: Event) -> Sequence[Row]:
    return [(*row,) for row in event.private.get("findings", ())]


def _row(change: str, row: Row) -> dict[str, Any]:
    about, rule, verdict, because = row[:4]
    return {"change": change, "verdict": verdict, "about": about, "rule": rule, "because": because}
