"""Folders of dated trees made by the real rsync, here and behind a real SSH server that only lets read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from inventory.backup.model import Target
from ops.adapters.rsync import RsyncVault
from ops.adapters.rsync_folder import Folder, InsideHere
from ops.adapters.ssh_tree import FarTree, InsideThere
from tests.contract.dated import NOW, Dated, fill
from tests.contract.test_backup import NAMES
from tests.contract.test_backup_sentinel import LOWER, SFTP
from tests.sshd import door

EARLIER = int(NOW.timestamp() - 7200) * 10**9 + 123456789  # a time SFTP tells the seconds of
ODD = [*NAMES, os.fsdecode(b"\xff no utf-8"), "deep/er/still"]


class Plain(Dated):
    """A folder of trees, here or behind SSH, and what they were made of."""

    @property
    def trees(self) -> Path:
        return self.folder / "trees"

    @property
    def inside(self) -> type[InsideHere | InsideThere]:
        return InsideThere if self.door else InsideHere

    def vault(self) -> RsyncVault:
        target = Target("mirror", "rsync", str(self.trees), "disk", "here", "rack", "")
        tree = FarTree(target, self.door, str(self.trees)) if self.door else Folder(target)
        return RsyncVault(target, tree, self.cache)

    def keep(self, at: datetime = NOW, *words: str) -> Path:
        """One more tree, as the practice network's job makes it: unchanged files are those of the one before."""
        made = self.trees / f"{at:%Y-%m-%dT%H%M%SZ}"
        last = max((one.name for one in self.trees.glob("*Z")), default="")
        links = [f"--link-dest=../{last}"] if last else []
        subprocess.run(["rsync", "-aR", "--numeric-ids", *links, *words, str(self.source), str(made)], check=True)
        return made

    def at(self, tree: Path, name: str) -> Path:
        return tree / str(self.source / name).lstrip("/")

    def listed(self, tree: Path, *words: str) -> Path:
        """A list of checksums beside a tree, by the real sha256sum."""
        top = {"/": "/", "./": str(tree), "tree": str(self.trees)}[words[0] if words else "./"]
        what = {"/": str(self.source), "./": ".", "tree": tree.name}[words[0] if words else "./"]
        told = subprocess.run(
            ["find", what, "-type", "f", "-exec", "sha256sum", "{}", "+"], cwd=top, check=True, capture_output=True
        )
        (beside := tree.with_name(f"{tree.name}.sha256")).write_bytes(told.stdout)
        return beside


@pytest.fixture
def plain(tmp_path: Path) -> Plain:
    made = Plain(tmp_path)
    made.trees.mkdir()
    fill(made.source, ODD)
    for name in ODD:
        os.utime(made.source / name, ns=(EARLIER, EARLIER))
    return made


@pytest.fixture
def behind_ssh(plain: Plain) -> Iterator[Plain]:
    """The same behind a server that refuses to write, and has no more rights than its modes give."""
    with door(plain.folder, f"{LOWER} {SFTP} -R") as plain.door:
        yield plain


SSH_AT_NIGHT = pytest.param("behind_ssh", marks=pytest.mark.night)  # the way there is asked by other tests


@pytest.fixture(params=["plain", "behind_ssh"])
def either(request: pytest.FixtureRequest) -> Plain:
    found: Plain = request.getfixturevalue(request.param)
    return found


def whole(plain: Plain) -> int:
    return sum((plain.source / name).stat().st_size for name in ODD)
