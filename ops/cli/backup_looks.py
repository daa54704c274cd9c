"""What a report on backups is made of: ``backups.yaml`` as it stands, and what earlier looks found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from inventory.backup.memory import TEST, Remembered
from inventory.report.backups.standing import CHECK, DAYS, known_by
from ops.cli.remembering import remembered
from ops.cli.vaulting import FILE, read_plan
from ops.errors import NotFound

if TYPE_CHECKING:
    from ops.cli.site import Site

TESTS = timedelta(days=400)  # restore tests are told of for so long, checks for as long as the history goes back


@dataclass(frozen=True)
class Looks:
    """The text of the file, verdicts as nine texts each, and what the newest check did not look at."""

    plan: str
    rows: tuple[tuple[str, ...], ...]
    unseen: tuple[str, ...]
    unasked: str


NONE = Looks("", (), (), "")


def looks(site: Site, moment: datetime) -> Looks:
    """All that is known at a moment. A file with a mistake is refused, for nothing could be told of it."""
    try:
        text, _ = read_plan(site)
        unasked = ""
    except NotFound:
        text, unasked = "", f"there is no {FILE}"
    rows = remembered(site.ledger)
    found = [one for one in rows if known_by(one.at, moment) and moment - one.at <= _told_for(one)]
    return Looks(text, tuple(map(_row, found)), _unseen(site, found), unasked)


def _told_for(one: Remembered) -> timedelta:
    return TESTS if one.audit == TEST else timedelta(days=DAYS)


def _row(one: Remembered) -> tuple[str, ...]:
    moments = (one.at.isoformat(), one.of.isoformat())
    return (one.subject, one.about, one.rule, one.verdict, one.because, *moments, one.run, one.audit)


def _unseen(site: Site, found: list[Remembered]) -> tuple[str, ...]:
    latest = max((one for one in found if one.audit == CHECK), key=lambda one: one.at, default=None)
    if latest is None:
        return ()
    bodies = [event.body for event in site.ledger.run(latest.run) if event.kind == "audited"]
    return tuple(str(one) for one in bodies[0]["not_looked_at"]) if bodies else ()
