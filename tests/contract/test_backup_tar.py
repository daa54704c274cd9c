"""Folders of packed backups, made with real tar and zstd: here, and streamed from a real sshd by a key that reads."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inventory.backup.model import Target
from ops.adapters.backup import Damaged, Gone, Part
from ops.adapters.ssh_shelf import FarFolder
from ops.adapters.tar import Folder, TarVault
from ops.errors import NotOffered, Unreachable
from tests.contract.test_backup import NAMES
from tests.contract.test_backup_sentinel import behind
from tests.tcp import link
from tests.unit.test_backup_commands import TEXT, found
from tests.workspace import bare

READS = "/usr/lib/openssh/sftp-server -R"


@dataclass
class Packed:
    """A folder of archives, and what they are made of."""

    folder: Path
    source: Path
    vault: TarVault

    def pack(self, moment: str, *more: str, paths: str = "") -> Path:
        archive = self.folder / f"homes-{moment}.tar.zst"
        below = str(self.source).lstrip("/")
        subprocess.run(["tar", "--zstd", "-cf", archive, *more, "-C", "/", paths or below], check=True)
        return archive


@pytest.fixture(params=["here", "far"])
def packed(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Packed]:
    (source := tmp_path / "source").mkdir()
    for number, name in enumerate(NAMES):
        (source / name).write_bytes(b"" if name == "empty" else os.urandom(2000 * (number + 1)))
    (source / os.fsdecode(b"\xff no utf-8")).write_bytes(b"odd")
    (source / "link").symlink_to("plain")
    os.link(source / "plain", source / "twin")
    (cache := tmp_path / "cache").mkdir()
    target = Target("archive", "tar", str(tmp_path / "shelf"), "disk", "x", "y", "", encrypted=False)
    if request.param == "here":
        (tmp_path / "shelf").mkdir()
        yield Packed(tmp_path / "shelf", source, TarVault(target, Folder(target), cache))
        return
    with behind(tmp_path, READS) as far:
        shelf = FarFolder(target, far.door, str(far.folder))
        yield Packed(far.folder, source, TarVault(target, shelf, cache))


def flip(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)


def test_archives_are_told_with_their_moment_size_and_paths(packed: Packed) -> None:
    packed.pack("20261125T013005Z")
    newest = packed.pack("20261126T013005Z")
    (packed.folder / "homes-20261127T013005Z.tar.zst.part").write_bytes(b"")
    (packed.folder / "readme.txt").write_bytes(b"")
    for _ in range(2):
        old, new = packed.vault.runs([str(packed.source), "/srv/never"])
        assert (old.started, new.id) == (datetime(2026, 11, 25, 1, 30, 5, tzinfo=UTC), newest.name)
        assert new.files == len(NAMES) + 1, "a hard link is no second file"
        assert new.octets == sum(p.stat().st_size for p in packed.source.iterdir() if p.name not in ("link", "twin"))
        assert new.paths == (str(packed.source),)
    assert packed.vault.runs(["/srv/never"]) == []
    assert packed.vault.structure() == ""


def test_what_is_listed_comes_back_as_it_was_and_nothing_else(packed: Packed, tmp_path: Path) -> None:
    run = packed.pack("20261126T013005Z").name
    listed = {entry.path: entry for entry in packed.vault.entries(run)}
    there = {str(path) for path in packed.source.iterdir() if path.name not in ("link", "plain", "twin")}
    assert there < set(listed)
    assert len(set(listed) - there) == 1, "one of two hard links"
    (into := tmp_path / "into").mkdir()
    wanted = sorted(listed)[:9]
    packed.vault.restore(run, wanted, into)
    back = [path for path in into.rglob("*") if path.is_file()]
    assert sorted(f"/{path.relative_to(into)}" for path in back) == wanted
    for path in back:
        assert path.read_bytes() == Path(f"/{path.relative_to(into)}").read_bytes()


@pytest.mark.parametrize("harm", ["flipped", "cut short"])
def test_an_archive_that_is_not_whole_is_found_when_it_is_read(packed: Packed, tmp_path: Path, harm: str) -> None:
    old, new = packed.pack("20261125T013005Z"), packed.pack("20261126T013005Z")
    if harm == "flipped":
        flip(old)
    else:
        os.truncate(old, old.stat().st_size - 10)
    assert packed.vault.structure() == "", "the newest is whole"
    assert packed.vault.parts(90) == 2
    assert sorted(bool(packed.vault.data(Part(number, 2))) for number in (1, 2)) == [False, True]
    assert old.name in packed.vault.data(Part(1, 1))
    with pytest.raises(Damaged):
        list(packed.vault.entries(old.name))
    (into := tmp_path / "into").mkdir()
    with pytest.raises(Damaged):
        packed.vault.restore(old.name, [entry.path for entry in packed.vault.entries(new.name)], into)
    assert len(packed.vault.runs([str(packed.source)])) == 2, "it was made all the same"


def test_an_archive_keeps_its_part_when_others_come_and_go(packed: Packed) -> None:
    names = [packed.pack(f"202611{day}T013005Z") for day in (21, 22, 23, 24)]
    flip(names[3])
    (wrong,) = [number for number in (1, 2, 3) if packed.vault.data(Part(number, 3))]
    names[0].unlink()
    assert names[3].name in packed.vault.data(Part(wrong, 3))


def test_an_archive_without_a_checksum_is_not_called_read(packed: Packed) -> None:
    archive = packed.pack("20261126T013005Z")
    subprocess.run(f"zstd -dc '{archive}' | zstd -q --no-check -f -o '{archive}.new'", shell=True, check=True)  # noqa: S602
    Path(f"{archive}.new").replace(archive)
    with pytest.raises(NotOffered, match="no checksum"):
        packed.vault.data(Part(1, 1))


def test_one_that_is_still_being_written_is_no_damage(packed: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = packed.pack("20261126T013005Z")
    whole = archive.read_bytes()
    archive.write_bytes(whole[:-20])
    looked = packed.vault._members

    def written_on(name: str) -> Iterator[tuple[bytes, int, bytes]]:
        try:
            yield from looked(name)
        finally:
            archive.write_bytes(whole[:-10])

    monkeypatch.setattr(packed.vault, "_members", written_on)
    with pytest.raises(Unreachable, match="is being written"):
        packed.vault.structure()


def test_names_that_lead_out_stay_in(packed: Packed, tmp_path: Path) -> None:
    """An archive somebody made to harm: a way up, and a link with a file behind it."""
    run = packed.folder / "homes-20261126T013005Z.tar.zst"
    (trap := tmp_path / "trap").mkdir()
    (trap / "out").symlink_to(tmp_path)
    subprocess.run(["tar", "-cf", tmp_path / "a.tar", "-C", trap, "out"], check=True)
    words = ["--transform", "s,^plain,out/planted,", "-C", str(packed.source), "plain"]
    subprocess.run(["tar", "-rf", tmp_path / "a.tar", *words], check=True)
    words = ["-P", "--transform", "s,^empty,../../up,", "-C", str(packed.source), "empty"]
    subprocess.run(["tar", "-rf", tmp_path / "a.tar", *words], check=True)
    subprocess.run(["zstd", "-q", tmp_path / "a.tar", "-o", run], check=True)
    (into := tmp_path / "deep/into").mkdir(parents=True)
    names = [entry.path for entry in packed.vault.entries(run.name)]
    with suppress(Damaged):
        packed.vault.restore(run.name, names, into)
    assert not (tmp_path / "planted").exists()
    assert not (tmp_path / "up").exists()
    assert not (tmp_path / "deep/up").exists()


def test_a_folder_that_is_gone_is_told(packed: Packed) -> None:
    packed.folder.rename(packed.folder.with_name("elsewhere"))
    for act in (lambda: packed.vault.runs([]), packed.vault.structure):
        with pytest.raises(Gone, match="no folder of archives"):
            act()


def test_a_link_that_breaks_is_no_damage(tmp_path: Path) -> None:
    name = "homes-20261126T013005Z.tar.zst"
    with behind(tmp_path, READS) as far, link(far.door.port, limit=200_000) as one:
        known = far.door.known_hosts
        known.write_text(known.read_text().replace(f":{far.door.port} ", f":{one.port} "))
        target = Target("archive", "tar", "x", "disk", "x", "y", "", encrypted=False)
        vault = TarVault(target, FarFolder(target, replace(far.door, port=one.port), str(far.folder)), tmp_path)
        (tmp_path / "large").write_bytes(os.urandom(4 << 20))
        subprocess.run(["tar", "--zstd", "-cf", far.folder / name, "-C", tmp_path, "large"], check=True)
        with pytest.raises(Unreachable, match="broke off"):
            vault.structure()


def test_a_folder_of_archives_is_checked_and_comes_back_by_command(tmp_path: Path) -> None:
    (source := tmp_path / "source").mkdir()
    for number in range(20):
        (source / f"{number}.txt").write_bytes(os.urandom(5000))
    (shelf := tmp_path / "shelf").mkdir()
    now = datetime.now(UTC)
    archive = shelf / f"homes-{now:%Y%m%dT%H%M%SZ}.tar.zst"
    subprocess.run(["tar", "--zstd", "-cf", archive, "-C", "/", str(source).lstrip("/")], check=True)
    lead = bare(tmp_path / "lead", "Lea")
    text = TEXT.format(tool="tar", where=shelf, source=source, at=f"{now:%H:%M}")
    text = text.replace('credential: "file:secret"', "encrypted: false")
    (lead.folder / "inventory/backups.yaml").write_text(text)
    seen = found(lead.ops("backup", "check", "--json"))
    asked = ("freshness", "start", "finish", "sources", "structure", "data", "room")
    assert [seen[rule] for rule in asked] == ["PASS"] * 7, seen
    said = lead.ops("backup", "restore-test", "homes", "--files", "5")
    assert (said.code, "5 of 5 right" in said.out) == (0, True), said.err
    flip(archive)
    assert found(lead.ops("backup", "check", "--json"))["data 1/1"] == "FAIL"
    back = lead.ops("backup", "restore-test", "homes", "--files", "5", "--json")
    assert (back.code, found(back)["restore"]) == (3, "FAIL"), back.err
