"""Findings that somebody answers for until a day: shown, and left out of the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from inventory.backup.memory import WAIVED
from ops.adapters.register_words import waiver_key
from ops.cli.terminal import plain
from ops.finding import Finding, Seen, Verdict
from ops.operation import names

if TYPE_CHECKING:
    from ops.cli.site import Site

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


def is_waived(finding: Finding) -> bool:
    """Whether somebody answers for it: it counts for no verdict, and proves nothing."""
    return finding.because.startswith(WAIVED)


def word(finding: Finding) -> str:
    """The verdict as people read it."""
    return "WAIVED" if is_waived(finding) else finding.verdict.name


def names_of(subject: str, about: str) -> tuple[str, ...]:
    """Every name by which a finding can be waived: as --json has it, and as the screen shows it."""
    return tuple(dict.fromkeys((subject, about, plain(about))))


def tell_untried(site: Site, waiver: Mapping[str, Any]) -> None:
    """Say so where nobody can know whether a waiver is about anything."""
    audit = waiver["audit"]
    if audit in names("audits") and next(site.targets["past"].found(audit), None) is None:
        click.echo(f"  {audit} was never run here, so whether it finds this is not known", err=True)


def _answered(finding: Finding, audit: str, known: dict[str, Any]) -> Finding:
    """Named as it is, or as it is shown. What is well needs nobody to answer for it, and stays the proof it is."""
    for subject in (*names_of(finding.subject, finding.about), "*") if finding.verdict is not Verdict.PASS else ():
        if found := known.get(waiver_key(audit, finding.rule, subject)):
            why = f"{WAIVED}{found['expires']} by {found['approved_by']} ({found['why']}): {finding.because}"
            return replace(finding, verdict=Verdict.PASS, because=why, next_step="")
    return finding
