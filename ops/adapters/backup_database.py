"""A database brought back from a backup and asked: what cannot be tried is UNKNOWN, what is of no use FAIL."""

from __future__ import annotations

from pathlib import Path
from shutil import disk_usage

from inventory.backup.assurance import Entry
from inventory.backup.databases import broken, judged
from inventory.backup.model import Database, Run
from inventory.backup.rules import Judged
from ops.adapters.backup import BackupReader, Damaged, Unusable, Vault
from ops.errors import InvalidRequest, OpsError
from ops.private import ours

BESIDE = {"sqlite": ("", "-wal", "-journal"), "postgresql": ("",)}  # what belongs to it; sqlite.org/tempfiles.html
SPARE = 3  # times its size must be free: itself, and what is made of it


def tried(backup: BackupReader, vault: Vault, run: Run, database: Database) -> Judged:
    """Bring a database back into a folder that is gone afterwards, open it and ask."""
    try:
        with backup.room() as room:
            found = _brought(vault, run, database, room)
            if found is None:
                return broken(database, "is not in the backup")
            (server := room / "server").mkdir(mode=0o700)
            return judged(database, backup.opened(database, found, server))
    except Unusable as error:
        return broken(database, str(error))
    except Damaged as error:
        return broken(database, f"does not come back whole: {error.said}")
    except OpsError as error:
        return Judged("database", "UNKNOWN", f"{database.path}: {error}", step=error.hint)


def _brought(vault: Vault, run: Run, database: Database, room: Path) -> Path | None:
    """Where it came back to, with the journals that lie beside it; None if the backup holds none."""
    wanted = {vault.spelling(database.path + end): database.path + end for end in BESIDE[database.kind]}
    there = {wanted[one.path]: one for one in vault.entries(run.id) if one.path in wanted}
    if database.path not in there:
        return None
    if lost := next((one.lost for one in there.values() if one.lost), ""):
        raise Unusable(f"is lost: {lost}")
    _fits(list(there.values()), room)
    (into := room / "files").mkdir()
    vault.restore(run.id, sorted(there), into)
    ours(into)
    found = into / database.path.lstrip("/")
    if not found.is_file() or found.is_symlink():
        raise Unusable("did not come back")
    return found


def _fits(files: list[Entry], room: Path) -> None:
    if sum(one.size for one in files) * SPARE > disk_usage(room).free:
        raise InvalidRequest("there is no room to bring it back and open it", hint="free some space")
