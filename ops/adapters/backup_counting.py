"""A backup counted against the manifest that lies beside it: the same files, in number and size, or not."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.backup.holding import Said, difference, listed, said
from inventory.backup.manifest import Manifest, broken
from inventory.backup.model import Run
from ops.adapters.backup import Vault


def counted(vault: Vault, run: Run, by: str) -> tuple[Said, str] | None:
    """What the manifest says, read to its end, and in words what is lost or differs from it; None where there is none.

    ``by`` decides which files are kept to draw from. Raise ``EvidenceInvalid`` for a manifest that is not whole.
    """
    lines = vault.manifest(run.id)
    if lines is None:
        return None
    found = _said(vault, run, lines, by)
    backup = listed(vault.entries(run.id), found.moving)
    if backup.unsized:
        found = _said(vault, run, vault.manifest(run.id) or (), by, backup.unsized)
    return found, str(backup.lost) or difference(found.rest, backup.rest)


def _said(vault: Vault, run: Run, lines: Iterable[bytes], by: str, unsized: Iterable[str] = ()) -> Said:
    manifest = Manifest(lines)
    if manifest.head.get("backup") != run.id:
        raise broken("it is that of another backup")
    return said(manifest, vault.spelling, by, unsized)
