"""Looking: running an audit and recording what was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from evidence.event import Event, now
from ops.audit import load_audit
from ops.cli.record import close, new_run, note_refusal
from ops.cli.site import Site
from ops.cli.stopping import stoppable
from ops.cli.waiving import Parts, waived
from ops.cli.working import working
from ops.errors import OpsError
from ops.finding import Finding, Seen, Source


def look(site: Site, name: str, arguments: Mapping[str, Any]) -> tuple[str, Parts]:
    """Run an audit and record it; returns the run's id and what was found."""
    audit = load_audit(name)
    run = new_run()
    try:
        audit.bind(arguments)
        readers = [site.targets[site.kinds[kind]] for kind in audit.readers]
        with working(), stoppable(at_once=True):
            parts = tuple(audit.function(*readers, **arguments))
    except OpsError as error:
        note_refusal(site, run, f"audit {name}", error)
        raise
    found = waived(
        site, name, (tuple(p for p in parts if isinstance(p, Finding)), tuple(p for p in parts if isinstance(p, Seen)))
    )
    record(site, run, name, found)
    return run, found


def shape(run: str, parts: Parts) -> dict[str, Any]:
    """Shape ``audit/1``."""
    findings, seen = parts
    rows = [vars(f) | {"verdict": f.verdict.name, "sources": [_source(one) for one in f.sources]} for f in findings]
    return {"run": run, "findings": rows, "seen": [vars(one) for one in seen]}


def _source(one: Source) -> dict[str, str]:
    return {"source": one.name, "as_of": one.as_of.isoformat(timespec="seconds")}


def record(site: Site, run: str, name: str, parts: Parts) -> None:
    """Counts in public, subjects in private; ``of`` tells the oldest moment each finding is of, where there is one."""
    findings, seen = parts
    counts = Counter(finding.verdict.name for finding in findings)
    body = {
        "source": name,
        "title": f"audit {name}",
        "operations": [name],
        "findings": dict(counts),
        "looked_at": [{"what": one.what, "count": one.looked_at} for one in seen],
        "not_looked_at": [what for one in seen for what in one.not_looked_at],
    }
    private = [[f.about, f.rule, f.verdict.name, f.because, f.subject] for f in findings]
    of = [min((one.as_of.isoformat() for one in f.sources), default="") for f in findings]
    more = {"of": of} if any(of) else {}
    site.ledger.append(Event(run, "audited", now(), body, {"findings": private, **more}))
    close(site, run)
