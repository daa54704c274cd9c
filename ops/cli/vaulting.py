"""Backups of a workspace: what ``backups.yaml`` says, each target opened with its tool, and what was proven before."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import click

from inventory.backup.model import Backups, System
from inventory.backup.reading import read_backups
from ops.adapters.backup import BackupReader, Source, Vault
from ops.adapters.backup_here import Here
from ops.cli.table import table
from ops.errors import InvalidRequest, NotFound
from ops.finding import Finding, Verdict
from ops.private import private_folder

if TYPE_CHECKING:
    from ops.cli.site import Site

JOB_RULES = ("freshness", "start", "finish", "shape", "sources", "restore", "rto")
TARGET_RULES = ("structure", "data")
LEG_RULES = ("3 copies", "2 media", "1 elsewhere", "1 unchangeable", "0 errors")
FILE = "inventory/backups.yaml"
ROOM = "restored-"
AUDITED = ('"source":"backups.check"', '"source":"backups.restore"')


class Vaults(BackupReader):
    """Everything audits of backups may ask."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._open: dict[str, Vault] = {}
        self._now = datetime.now(UTC)

    @property
    def now(self) -> datetime:
        return self._now

    @cached_property
    def plan(self) -> Backups:
        path = self._site.workspace.folder / FILE
        if not path.is_file():
            raise NotFound(f"there is no {FILE}", hint="ops help backups shows a whole one")
        try:
            return read_backups(path.read_text(encoding="utf-8"), FILE)
        except UnicodeDecodeError as error:
            raise InvalidRequest(f"{FILE} is not in UTF-8", hint="save it as UTF-8") from error

    def vault(self, name: str) -> Vault:
        """A target with its tool; opened once."""
        if name not in self._open:
            self._open[name] = self._opened(name)
        return self._open[name]

    def _opened(self, name: str) -> Vault:
        from ops.cli.vault_doors import opened

        return opened(self._site, self.plan.targets[name])

    def source(self, system: System) -> Source | None:
        """The machine of a system where it is this one."""
        host = self._site.workspace.targets.get(system.host)
        here = host is not None and host.kind == "host" and host.credential == "local"
        return Here() if here else None

    def proven(self, subject: str) -> Mapping[str, datetime]:
        return self._proofs.get(subject, {})

    @cached_property
    def _proofs(self) -> Mapping[str, Mapping[str, datetime]]:
        """Subject → rule → when it last held, read from the evidence of this person on this device."""
        found: dict[str, dict[str, datetime]] = defaultdict(dict)
        ledger = self._site.ledger
        runs = [run for _, _, run, text in ledger.rows(ledger.chain) if any(mark in text for mark in AUDITED)]
        for event in (event for run in runs for event in ledger.run(run) if event.kind == "audited"):
            for _, rule, verdict, _, subject in event.private.get("findings", ()):
                if verdict == Verdict.PASS.name:
                    found[subject][rule] = datetime.fromisoformat(event.at)
        return found

    @contextmanager
    def room(self) -> Iterator[Path]:
        folder = private_folder(self._site.workspace.state / "restored")
        _swept(folder)
        made = Path(mkdtemp(prefix=f"{ROOM}{os.getpid()}-", dir=folder))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _swept(folder: Path) -> None:
    """Take away what a run left that was killed."""
    for left in folder.glob(f"{ROOM}*"):
        pid = left.name.removeprefix(ROOM).partition("-")[0]
        if not (pid.isdigit() and Path("/proc", pid).exists()):
            shutil.rmtree(left, ignore_errors=True)


def matrix(found: Sequence[Finding]) -> None:
    """Who has which verdict on what; below in words what is not well, and what came back."""
    for rules in (JOB_RULES, TARGET_RULES, LEG_RULES):
        asked = [rule for rule in rules if any(one.rule == rule for one in found)]
        about = dict.fromkeys(one.about for one in sorted(found, key=lambda one: one.about) if one.rule in asked)
        marks = {(one.about, one.rule): one.verdict.name for one in found}
        rows = [(who, *(marks.get((who, rule), "") for rule in asked)) for who in about]
        if rows:
            click.echo(table(("", *asked), rows) + "\n")
    rows = [(one.verdict.name, one.about, one.rule, one.because, one.next_step) for one in found]
    if said := [row for row in rows if row[0] != Verdict.PASS.name or row[2] == "restore"]:
        click.echo(table(("verdict", "who", "what", "because", "next"), said))


def plan_rows(plan: Backups) -> list[dict[str, str]]:
    """Each job with its system and target, for a list."""
    return [
        {
            "job": job.name,
            "system": job.system,
            "tier": str(plan.systems[job.system].tier),
            "target": job.target,
            "tool": plan.targets[job.target].tool,
            "paths": ", ".join(job.paths),
        }
        for job in plan.jobs
    ]
