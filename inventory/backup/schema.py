"""The shape of ``backups.yaml``: nothing unknown is allowed. All values are text, as YAML gives them here."""

from __future__ import annotations

from typing import Any


def backups_file() -> Any:
    """The whole file."""
    strict, system, target = _places()

    class JobRow(strict):  # type: ignore[misc, valid-type]
        system: str
        target: str
        paths: list[str]
        every: str
        at: str = "00:00"
        day: str = ""
        start_grace: str = "1h"
        finish_grace: str = "6h"

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


def _places() -> tuple[Any, Any, Any]:
    """What every part is made of, and the two kinds of place: what is protected, and where copies lie."""
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

    return Strict, SystemRow, TargetRow
