"""Faults of what lies on the backup host: files taken away or changed, the originals kept where only its root looks."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from inventory.lab.fault import Fault

RESTIC = Path("/srv/backup/restic")


class Spoilt(Fault):
    """A fault of files: ``spoil`` does it to each that was ``chosen``; clearing puts them back as they were."""

    host = "bak1"

    def chosen(self) -> Sequence[Path]:
        """The files it is about."""
        raise NotImplementedError

    def spoil(self, path: Path) -> None:
        """Take it away; others may do something else with it."""
        path.unlink()

    def plant(self) -> None:
        self.clear()
        self._kept.mkdir(parents=True)
        paths = self.chosen()
        (self._kept / "paths").write_text(json.dumps([str(path) for path in paths]))
        for number, path in enumerate(paths):
            _copied(path, self._kept / str(number))
            self.spoil(path)

    def clear(self) -> None:
        for kept, path in self.kept():
            path.unlink(missing_ok=True)
            _copied(kept, path)
        shutil.rmtree(self._kept, ignore_errors=True)

    def kept(self) -> Iterator[tuple[Path, Path]]:
        """Each original that is kept, and where it belongs."""
        listed = self._kept / "paths"
        paths = json.loads(listed.read_text()) if listed.exists() else []
        yield from ((self._kept / str(number), Path(path)) for number, path in enumerate(paths))

    @property
    def _kept(self) -> Path:
        return Path.home() / "kept" / self.name  # of root there


def _copied(source: Path, target: Path) -> None:
    """With its owner, mode and times."""
    shutil.copy2(source, target)
    owner = source.stat()
    os.chown(target, owner.st_uid, owner.st_gid)


def files(below: str) -> list[Path]:
    """The files of a part of the restic repository, oldest first."""
    found = [path for path in (RESTIC / below).rglob("*") if path.is_file()]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def largest(below: str) -> Path:
    """The largest of them."""
    return max(files(below), key=lambda path: path.stat().st_size)


def misnamed(below: str) -> list[Path]:
    """Those whose content is not what their name says; restic names each file by its SHA-256."""
    return [path for path in files(below) if hashlib.sha256(path.read_bytes()).hexdigest() != path.name]


def flip(path: Path) -> None:
    """Turn one bit in the middle, as an ageing disk does; size and times stay."""
    known = path.stat()
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
