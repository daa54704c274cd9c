"""What tests of backups start from: a folder full of odd names, and where what is made of it lies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops.adapters.backup import Part, Vault
from ops.adapters.ssh import Door

ALL = Part(1, 1)
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Dated:
    """A folder of dated backups, here or behind SSH, and what they were made of."""

    folder: Path
    door: Door | None = None

    @property
    def source(self) -> Path:
        return self.folder / "source"

    @property
    def cache(self) -> Path:
        (made := self.folder / "cache").mkdir(exist_ok=True)
        return made

    def into(self) -> Path:
        (made := self.folder / "room" / "into").mkdir(parents=True)
        return made


def fill(source: Path, names: Iterable[str]) -> None:
    """Write files of these names, each of another size."""
    for number, name in enumerate(names):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(b"" if name == "empty" else os.urandom(2000 * (number + 1)))


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def ways(folder: Path, opened: Callable[[Path], Vault]) -> list[str]:
    """What is said to tell a folder from others: by its own name, by a link to it, and of a copy of it."""
    link, copy = (folder.with_name(f"{folder.name}-{name}") for name in ("link", "copy"))
    link.symlink_to(folder)
    shutil.copytree(folder, copy)
    vaults = [opened(one) for one in (folder, link, copy)]
    for vault in vaults:
        vault.runs([])
    return [vault.lies() for vault in vaults]
