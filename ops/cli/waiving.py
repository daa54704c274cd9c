"""Findings that somebody answers for until a day: shown, and left out of the verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ops.adapters.register_words import waiver_key
from ops.cli.site import Site
from ops.finding import Finding, Seen, Verdict

Parts = tuple[tuple[Finding, ...], tuple[Seen, ...]]


def waived(site: Site, audit: str, parts: Parts) -> Parts:
    """The same parts, where waived findings pass; a workspace without a register has no waivers."""
    findings, seen = parts
    if not findings or not site.has_register:
        return parts
    today = datetime.now(UTC).date().isoformat()
    with site.register.reading() as now:
        known = {ref.partition(":")[2]: one for ref, one in now.every("waiver") if one["expires"] > today}
    return tuple(_answered(one, audit, known) for one in findings), seen


def _answered(finding: Finding, audit: str, known: dict[str, Any]) -> Finding:
    for subject in (finding.subject, "*"):
        if found := known.get(waiver_key(audit, finding.rule, subject)):
            why = f"waived until {found['expires']} by {found['approved_by']} ({found['why']}): {finding.because}"
            return replace(finding, verdict=Verdict.PASS, because=why, next_step="")
    return finding
