"""Erasing what names people: from one run, or a person from all of it; what cannot be reached is listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.event import Event, now
from evidence.ledger import Ledger
from evidence.record import NAMESPACE
from evidence.roles import SUBMISSION
from ops.cli import mentoring
from ops.cli.record import new_run
from ops.cli.runs import find_run
from ops.cli.site import Site
from ops.cli.stating import ATTACHMENTS, DRAFTS
from ops.errors import NotFound

SHORTEST = 3  # letters: a shorter word stands in everything


@dataclass(frozen=True)
class Found:
    """Where a person is named: runs of our own, or an apprentice's whole file; and what it was called."""

    what: str
    runs: tuple[str, ...]
    file: mentoring.File | None = None


def find(site: Site, wanted: str) -> Found:
    """A run, an apprentice on file, or a person named in private values; raise ``NotFound``."""
    try:
        return Found("", (find_run(site, wanted),))
    except NotFound:
        pass
    try:
        file = mentoring.file_of(site, wanted)
        with mentoring.held(file) as held:
            return Found(wanted, tuple(row.run for row in held.runs()), file)
    except NotFound:
        pass
    runs = tuple(site.ledger.mentions(wanted)) if len(wanted) >= SHORTEST else ()
    if not runs:
        raise NotFound(f"neither a run nor a person called {wanted} is in this evidence", hint="ops run list")
    return Found(wanted, runs)


def erase(site: Site, found: Found) -> int:
    """Forget the private values, attachments and drafts of these runs; the erasure itself is noted in the chain."""
    if found.file:
        with mentoring.held(found.file, read_only=False) as held:
            count = _erase(held, found.runs, found.file.attachments)
    else:
        count = _erase(site.ledger, found.runs, site.workspace.state / ATTACHMENTS)
        for draft in (site.workspace.state / DRAFTS).glob("*.json") if found.what else ():
            draft.unlink()
    site.ledger.append(Event(new_run(), "erased", now(), {"runs": list(found.runs), "values": count}))
    return count


def _erase(ledger: Ledger, runs: Sequence[str], attachments: Path) -> int:
    count = 0
    for run in runs:
        document = ledger.document(run, NAMESPACE)
        for answer in document.body.get("answers", ()) if document else ():
            if "sha256" in answer:
                (attachments / answer["sha256"]).unlink(missing_ok=True)
        count += ledger.erase(run)
    return count


def not_reached(site: Site) -> Iterator[str]:
    """Where copies may still be, as far as this ledger knows."""
    sent = [body for document in site.ledger.documents(SUBMISSION) if (body := document.body)["names"] == "encrypted"]
    for to in dict.fromkeys(body["to"] for body in sent):
        days = dict.fromkeys(body["made"][:10] for body in sent if body["to"] == to)
        yield f"handed to {mentoring.name_of(site, to)} on {', '.join(days)}: ask them to erase it too"
    yield "exports, papers, reports and what they were made of (state/reports), plan and results files, and backups"
