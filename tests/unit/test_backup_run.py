"""``ops backup run`` with real restic and borg: a backup, its manifest beside it, both read back; what goes wrong."""

from __future__ import annotations

import os

import pytest

from inventory.backup.manifest import Manifest, Measured
from tests.contract.test_backup import Kept, kept
from tests.unit.test_backup_commands import lead
from tests.workspace import Desk

__all__ = ["kept", "lead"]
HERE = "fs1:\n  hostname: localhost\n  data: {kind: host, credential: local}\n"


@pytest.fixture
def here(lead: Desk) -> Desk:
    """A workspace whose system is this machine."""
    (lead.folder / "inventory/hosts.yaml").write_text(HERE)
    return lead


def backups(kept: Kept) -> list[str]:
    return [run.id for run in kept.vault().runs([])]


def manifest(kept: Kept, run: str) -> list[Measured]:
    lines = kept.vault().manifest(run)
    assert lines is not None
    return list(Manifest(lines))


def test_a_backup_is_made_with_a_manifest_beside_it_that_counts_as_no_backup(here: Desk, kept: Kept) -> None:
    before = backups(kept)
    (kept.source / os.fsdecode(b"\xff no utf-8")).write_bytes(b"odd")
    os.link(kept.source / "plain", kept.source / "twin")
    shown = here.ops("backup", "run", "homes", "--dry-run")
    assert "gets a backup of" in shown.out
    assert "no way back" in shown.out
    assert backups(kept) == before
    said = here.ops("backup", "run", "homes", "--yes")
    assert said.code == 0, said.err
    (made,) = [run for run in backups(kept) if run not in before]
    assert len(kept.vault().runs([])) == len(kept.vault().runs([str(kept.source)])) == 2
    held = manifest(kept, made)
    assert {one.path for one in held} == {str(path) for path in kept.source.iterdir()}
    assert all(one.settled for one in held)
    assert kept.vault().manifest(before[0]) is None
    assert here.ops("evidence", "verify").code == 0
    assert list((here.folder / "state/backups-begun").iterdir()) == []
    assert list((here.folder / "state/restored").iterdir()) == []
    again = here.ops("backup", "run", "homes", "--yes")
    assert again.code == 0, again.err
    assert len(backups(kept)) == 3
