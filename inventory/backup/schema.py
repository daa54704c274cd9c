"""The shape of ``backups.yaml``: nothing unknown is allowed. All values are text, as YAML gives them here."""

from __future__ import annotations

from typing import Any


def backups_file() -> Any:
    """The whole file."""
    strict, system, target, database = _parts()

    class JobRow(strict):  # type: ignore[misc, valid-type]
        system: str
        target: str
        paths: list[str]
        every: str
        at: str = "00:00"
        day: str = ""
        start_grace: str = "1h"
        finish_grace: str = "6h"
        databases: dict[str, database] = {}  # type: ignore[valid-type]

    class CadenceRow(strict):  # type: ignore[misc, valid-type]
        structure: str = ""
        data: str = ""
        restore: str = ""
        sentinel: str = ""
        key: str = ""

    class File(strict):  # type: ignore[misc, valid-type]
        systems: dict[str, system] = {}  # type: ignore[valid-type]
        targets: dict[str, target] = {}  # type: ignore[valid-type]
        jobs: dict[str, JobRow] = {}
        cadence: dict[str, CadenceRow] = {}

    return File


def _parts() -> tuple[Any, Any, Any, Any]:
    """What every part is made of, what is protected, where copies lie, and a database among the files."""
    from pydantic import BaseModel, ConfigDict

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")

    class SystemRow(Strict):
        host: str
        tier: str = "2"
        rpo: str
        rto: str
        site: str
        failure_domain: str = ""
        recorded_as: str = ""

    class TargetRow(Strict):
        tool: str
        where: str
        medium: str = "disk"
        site: str
        failure_domain: str = ""
        credential: str = ""
        key_held_by: str = ""
        encrypted: str = "true"
        offline: str = "false"
        lock_days: str = "0"
        identity: str = ""
        escrow: str = ""
        sentinel: str = "false"
        writer: str = ""
        writer_identity: str = ""

    class DatabaseRow(Strict):
        kind: str
        query: str = ""
        at_least: str = "1"

    return Strict, SystemRow, TargetRow, DatabaseRow
