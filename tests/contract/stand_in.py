"""A repository whose program is a script: what a real one says only when something is badly wrong."""

from __future__ import annotations

from pathlib import Path

from inventory.backup.model import Target
from ops.adapters.backup import WritableVault
from ops.adapters.borg import BorgVault
from ops.adapters.restic import ResticVault
from ops.secret import Secret
from tests.contract.test_backup import PASSWORD


def stand_in(tool: str, folder: Path, script: str) -> WritableVault:
    """A repository whose program is a script."""
    program = folder / tool
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    target = Target("vault", tool, "/r", "disk", "x", "y", "")
    made = ResticVault if tool == "restic" else BorgVault
    vault = made(target, Secret(PASSWORD), folder / "cache")
    vault._tool.program = str(program)
    return vault
