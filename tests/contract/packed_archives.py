"""Folders of archives made by the real tar and zstd, here and behind a real SSH server that only lets read."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from getpass import getuser
from pathlib import Path

import pytest

from inventory.backup.model import Target
from ops.adapters.ssh_shelf import FarFolder
from ops.adapters.tar import Folder, TarVault
from tests.contract.dated import NOW, Dated, fill
from tests.contract.test_backup import NAMES
from tests.contract.test_backup_sentinel import SFTP
from tests.sshd import door
from tests.workspace import Desk, bare

TEXT = """systems:
  FS-1: {{host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith, failure_domain: rack-1}}
targets:
  shelf: {{tool: tar, where: "{where}", site: Perth, failure_domain: rack-2, encrypted: false{key}}}
jobs:
  homes: {{system: FS-1, target: shelf, paths: ["{source}"], every: 1d, at: "{at:%H:%M}"}}
cadence:
  1: {{data: 1d}}
"""


class Packed(Dated):
    """A folder of archives, here or behind SSH, and what they were made of."""

    @property
    def archives(self) -> Path:
        return self.folder / "archives"

    def vault(self) -> TarVault:
        target = Target("shelf", "tar", str(self.archives), "disk", "here", "rack", "")
        shelf = FarFolder(target, self.door, str(self.archives)) if self.door else Folder(target)
        return TarVault(target, shelf, self.cache)

    def path(self, at: datetime, name: str = "homes") -> Path:
        return self.archives / f"{name}-{at:%Y%m%dT%H%M%SZ}.tar.zst"

    def keep(self, at: datetime = NOW, name: str = "homes", *paths: str) -> Path:
        """One more archive, as the practice network's jobs pack them."""
        made = self.path(at, name)
        bare_paths = paths or (str(self.source).lstrip("/"),)
        subprocess.run(["tar", "--zstd", "--numeric-owner", "-cf", str(made), "-C", "/", *bare_paths], check=True)
        return made

    def members(self, *members: tuple[tarfile.TarInfo, bytes], at: datetime = NOW) -> Path:
        """An archive no tar would write."""
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w") as archive:
            for member, content in members:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return self.raw(held.getvalue(), at)

    def raw(self, octets: bytes, at: datetime = NOW, *words: str) -> Path:
        made = self.path(at)
        made.write_bytes(subprocess.run(["zstd", "-qc", *words], input=octets, check=True, capture_output=True).stdout)
        return made


@pytest.fixture
def packed(tmp_path: Path) -> Packed:
    made = Packed(tmp_path)
    made.archives.mkdir()
    fill(made.source, NAMES)
    return made


@pytest.fixture
def behind_ssh(packed: Packed) -> Iterator[Packed]:
    """The same behind a server that refuses to write."""
    with door(packed.folder, f"{SFTP} -R") as packed.door:
        yield packed


SSH_AT_NIGHT = pytest.param("behind_ssh", marks=pytest.mark.night)  # listing and bringing back are asked by day


@pytest.fixture(params=["packed", SSH_AT_NIGHT])
def either(request: pytest.FixtureRequest) -> Packed:
    found: Packed = request.getfixturevalue(request.param)
    return found


def flipped(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(octets)


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def lead(packed: Packed, tmp_path: Path) -> Desk:
    made = bare(tmp_path / "lead", "Lea")
    where, key = str(packed.archives), ""
    if packed.door:
        where = f"sftp://{getuser()}@127.0.0.1:{packed.door.port}{packed.archives}"
        key = f", identity: {packed.door.key_file}"
        (made.folder / "known_hosts").write_text(packed.door.known_hosts.read_text())
    text = TEXT.format(where=where, source=packed.source, at=NOW - timedelta(minutes=2), key=key)
    (made.folder / "inventory/backups.yaml").write_text(text)
    return made
