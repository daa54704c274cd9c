"""Every place where somebody who left is still named, and looking again after a day, a week and a month."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ops.adapters.pages import Page
from ops.cli.looking import record
from ops.cli.record import new_run
from ops.cli.site import Site
from ops.cli.waiving import Parts
from ops.errors import InvalidRequest, NotFound
from ops.finding import Finding, Seen
from ops.operation import names
from ops.private import write_private
from ops.trace import load_trace

AGAIN = (1, 7, 30)  # days after leaving


@dataclass(frozen=True)
class Traced:
    """What was found of one leaver."""

    logon: str
    run: str
    parts: Parts


def page_of(site: Site, logon: str) -> Page:
    """A leaver's page; raise ``NotFound`` for somebody who is not in the book."""
    page = site.leavers.page(logon)
    if page is None:
        hint = "only who left by ops user offboard or cut-off is in it: ops leaver list"
        raise NotFound(f"{logon} is not in the leavers' book", hint=hint)
    return page


def search(site: Site, page: Page) -> Traced:
    """Look in every place there is, and record what was found."""
    findings: list[Finding] = []
    seen: list[Seen] = []
    for name in names("traces"):
        one = load_trace(name)
        readers = [site.targets[site.kinds[kind]] for kind in one.readers]
        for part in one.function(*readers, page=page):
            (findings if isinstance(part, Finding) else seen).append(part)
    parts = (tuple(findings), tuple(seen))
    run = new_run()
    record(site, run, "user.traces", parts)
    _noted(site, str(page["logon"]))
    return Traced(str(page["logon"]), run, parts)


def due(site: Site, today: date) -> Iterator[Page]:
    """The leavers of whom a look after a day, a week or a month is due."""
    looks = _looks(site)
    for page in site.leavers.pages().values():
        left = date.fromisoformat(str(page["left"]))
        last = max((date.fromisoformat(day) for day in looks.get(str(page["logon"]), ())), default=left)
        if any(last < left + timedelta(days=days) <= today for days in AGAIN):
            yield page


def _looks_file(site: Site) -> Path:
    return site.leavers.folder / "looks"


def _looks(site: Site) -> Mapping[str, Any]:
    """Logon name → the days on which it was searched for."""
    try:
        found: Mapping[str, Any] = json.loads(_looks_file(site).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InvalidRequest(
            f"{_looks_file(site)} cannot be read", hint="remove it: the records have it too"
        ) from error
    return found


def _noted(site: Site, logon: str) -> None:
    looks = dict(_looks(site))
    looks[logon] = sorted({*looks.get(logon, ()), datetime.now(UTC).date().isoformat()})
    write_private(_looks_file(site), json.dumps(looks, indent=1))
