"""Restic repositories. Measured with 0.14: every failure ends with 1 and says why in words; newer ones have codes.

A plain ``check`` finds what is missing and not what was flipped; data are read in parts, n of t. Nothing is locked:
what is only read needs no right to write (``--no-lock``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inventory.backup.assurance import Entry
from inventory.backup.model import Run, Target
from ops.adapters.backup import Part, Vault, damage, refused
from ops.adapters.backup_tool import SSH, Ended, Tool
from ops.errors import OpsError
from ops.secret import Secret

CODES = {10: "no repository", 11: "locked", 12: "wrong password"}  # from restic 0.17 on
WORDS = {  # the first that is said is the reason
    "wrong password": "wrong password",
    "unable to open config file": "no repository",
    "Is there a repository": "no repository",
    "already locked": "locked",
    **SSH,
}
SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\*?[]"})
MOST_PARTS = 256
SIZED = 11  # newest backups whose size is asked for


class ResticVault(Vault):
    """One repository; ``at`` is where it is in restic's own words, ``remote`` the command that starts SFTP for it."""

    def __init__(self, target: Target, secret: Secret | None, cache: Path, at: str = "", remote: str = "") -> None:
        environment = {"RESTIC_CACHE_DIR": str(cache)}
        self._tool = Tool("restic", environment, secret, "RESTIC_PASSWORD_FILE", "/dev/fd/{}")
        self._words = ["-r", at or target.where, "--no-lock"]
        self._words += ["-o", _quoted(f"sftp.command={remote}")] if remote else []
        self._target = target

    @property
    def target(self) -> Target:
        return self._target

    def runs(self, paths: Sequence[str]) -> list[Run]:
        rows = json.loads(b"".join(self._lines("snapshots", "--json")) or b"[]") or []
        found = [_run(row) for row in rows if not paths or set(paths) & set(row["paths"])]
        found.sort(key=lambda run: run.started)
        return [*found[:-SIZED], *map(self._sized, found[-SIZED:])]

    def _sized(self, run: Run) -> Run:
        told = json.loads(b"".join(self._lines("stats", "--json", "--mode", "restore-size", run.id)))
        return replace(run, files=int(told["total_file_count"]), octets=int(told["total_size"]))

    def unlock(self) -> None:
        for _ in self._lines("cat", "config"):
            continue

    def structure(self) -> str:
        return self._checked()

    def parts(self, most: int) -> int:
        return max(1, min(MOST_PARTS, most))

    def data(self, part: Part) -> str:
        return self._checked(f"--read-data-subset={part.number}/{part.of}")

    def _checked(self, *words: str) -> str:
        ended = self._tool.run([*self._words, "check", *words])
        return damage(_refusal(self._target, ended)) if ended.code else ""

    def entries(self, run: str) -> Iterator[Entry]:
        for line in self._lines("ls", "--json", run):
            node = json.loads(line)
            if node.get("type") == "file":
                yield Entry(node["path"], int(node.get("size", 0)))

    def restore(self, run: str, paths: Sequence[str], into: Path) -> None:
        includes = [word for path in paths for word in ("--include", path.translate(SPECIAL))]
        ended = self._tool.run([*self._words, "restore", run, "--target", str(into), *includes])
        if ended.code:
            raise _refusal(self._target, ended)

    def _lines(self, *words: str) -> Iterator[bytes]:
        yield from self._tool.lines([*self._words, *words])
        if self._tool.ended.code:
            raise _refusal(self._target, self._tool.ended)


def _quoted(option: str) -> str:
    """An option as restic takes it apart: as a line of comma-separated values."""
    return '"' + option.replace('"', '""') + '"'


def _run(row: Any) -> Run:
    told = row.get("summary") or {}  # from restic 0.17 on
    ended = told.get("backup_end")
    return Run(row["id"], _moment(row["time"]), _moment(ended) if ended else None, paths=tuple(row["paths"]))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _refusal(target: Target, ended: Ended) -> OpsError:
    """Why a repository could not be read, or that something in it is wrong."""
    why = CODES.get(ended.code) or next((why for words, why in WORDS.items() if words in ended.said), "")
    return refused(target, why, _last(ended.said))


def _last(said: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it failed without a word"
