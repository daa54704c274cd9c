"""Targets are looked into side by side: what one thread learns of a repository holds for what another works out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from dataclasses import replace
from threading import Event

from inventory.backup.model import Target
from ops.cli.site import open_site
from ops.cli.vaulting import Vaults
from tests.contract.test_backup import Kept
from tests.unit.kept import kept_by_day
from tests.unit.test_backup_commands import check, lead
from tests.workspace import Desk

__all__ = ["kept_by_day", "lead"]
LONG = 0.5  # far more than it takes to meet a repository where nobody makes one wait


class Halting(dict[str, Target]):
    """Targets of a plan; who goes through them for the first time halts until another has met one, or has to wait."""

    def __init__(self, of: dict[str, Target]) -> None:
        super().__init__(of)
        self.reached, self.met = Event(), Event()

    def __iter__(self) -> Iterator[str]:
        if not self.reached.is_set():
            self.reached.set()
            self.met.wait(LONG)
        return super().__iter__()


def test_what_was_proven_of_another_repository_is_not_worked_out_past_one_that_is_met(lead: Desk, kept: Kept) -> None:
    check(lead)
    with chdir(lead.folder), open_site(enter=False) as site:
        vaults = Vaults(site)
        (vault,) = (vaults.vault(name) for name in vaults.plan.targets)
        name = vault.target.name
        assert "structure" in Vaults(site).proven(name)
        vault.runs([])
        vaults.met(vault)  # the same as before: evidence is read here, and nothing worked out from it
        targets = Halting(dict(vaults.plan.targets))
        vaults.plan = replace(vaults.plan, targets=targets)
        other = kept.vault(where=f"{kept.repository}-of-others")
        other.target = replace(other.target, name=name)

        def meet() -> None:
            targets.reached.wait(60)
            vaults.met(other)
            targets.met.set()

        with ThreadPoolExecutor() as threads:
            meeting = threads.submit(meet)
            assert "structure" in threads.submit(vaults.proven, name).result()
            meeting.result()
        assert vaults.proven(name) == {}
