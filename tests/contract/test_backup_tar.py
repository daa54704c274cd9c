"""Folders of real archives of tar and zstd, here and behind a real SSH server that only lets read."""

from __future__ import annotations

import hashlib
import io
import os
import resource
import shutil
import subprocess
import tarfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.adapters.backup import Damaged, Gone, Part
from ops.adapters.tar import Folder
from ops.adapters.tar_stream import members
from ops.errors import NotAuthorised, NotFound, NotOffered, Unreachable
from tests.contract.dated import ALL, NOW, files, ways
from tests.contract.packed_archives import Packed, behind_ssh, either, flipped, lead, member, packed
from tests.contract.test_backup import NAMES
from tests.tcp import link

__all__ = ["behind_ssh", "either", "packed"]


def test_what_is_in_it_is_told_with_its_moment_and_its_size(either: Packed) -> None:
    first, second = either.keep(NOW - timedelta(days=1)), either.keep(NOW + timedelta(days=300))
    (either.archives / "notes.txt").write_text("not one")
    (either.archives / "homes-20261399T000000Z.tar.zst").write_text("no moment")
    (either.archives / "homes-20200101T000000Z.tar.zst").symlink_to(first)
    either.keep(NOW, "other", "etc/hostname")
    for _ in range(2):  # read, and as it was kept in mind
        found = either.vault().runs([str(either.source)])
        assert [one.id for one in found] == [first.name, second.name]
        assert [one.started for one in found] == [NOW - timedelta(days=1), NOW + timedelta(days=300)]
        assert found[0].ended == datetime.fromtimestamp(int(first.stat().st_mtime), UTC)
        whole = sum((either.source / name).stat().st_size for name in NAMES)
        assert [(one.files, one.octets) for one in found] == [(len(NAMES), whole)] * 2
        assert str(either.source) in found[0].paths
    assert either.vault().runs(["/srv/other"]) == []
    assert either.vault().runs(["/etc"])[0].paths == ("/etc/hostname", "/etc")
    assert len(either.vault().runs([])) == 3


@pytest.mark.parametrize("either", ["packed", "behind_ssh"], indirect=True)
def test_every_file_is_listed_by_its_whole_path_and_size(either: Packed) -> None:
    made = either.keep()
    found = {entry.path: entry.size for entry in either.vault().entries(made.name)}
    assert found == {str(either.source / name): (either.source / name).stat().st_size for name in NAMES}
    assert (either.vault().structure(), either.vault().data(ALL)) == ("", "")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_comes_back_as_it_was_and_nothing_else_does(packed: Packed, name: str) -> None:
    made, into = packed.keep(), packed.into()
    packed.vault().restore(made.name, [str(packed.source / name)], into)
    (only,) = files(into)
    assert f"/{only}" == str(packed.source / name)
    assert (into / only).read_bytes() == (packed.source / name).read_bytes()
    assert int((into / only).stat().st_mtime) == int((packed.source / name).stat().st_mtime)


@pytest.mark.parametrize("either", ["packed", "behind_ssh"], indirect=True)
def test_files_come_back_from_behind_ssh(either: Packed) -> None:
    wanted = [str(either.source / name) for name in ("new\nline", "empty", "ünï")]
    made, into = either.keep(), either.into()
    either.vault().restore(made.name, wanted, into)
    assert [f"/{one}" for one in files(into)] == sorted(wanted)
    for one in wanted:
        assert (into / one.lstrip("/")).read_bytes() == Path(one).read_bytes()


def test_a_flipped_octet_and_a_cut_are_found_in_the_archive_they_are_in(either: Packed) -> None:
    either.keep(NOW - timedelta(days=1))
    bad = either.keep()
    flipped(bad)
    for said in (either.vault().structure(), either.vault().data(ALL)):
        assert said.startswith(f"{bad.name}: "), said
    assert [bool(either.vault().data(Part(number, 4))) for number in (1, 2, 3, 4)].count(True) == 1
    with pytest.raises(Damaged, match=bad.name):
        either.vault().restore(bad.name, [str(either.source / "plain")], either.into())
    either.keep()
    os.truncate(bad, bad.stat().st_size - 1)
    assert bad.name in either.vault().structure()
    assert len(either.vault().runs([str(either.source)])) == 2, "of one that is damaged it is known that it is there"


def test_an_archive_that_was_not_finished_is_damaged_although_zstd_calls_it_whole(packed: Packed) -> None:
    """A job that is killed leaves this: zstd ends its frame when tar goes."""
    made = packed.keep()
    octets = subprocess.run(["zstd", "-dc", str(made)], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(octets)) as archive:
        second = archive.getmembers()[2].offset
    for cut in (octets[:second], octets[: second + 700], octets[:300], b""):
        packed.raw(cut)
        assert made.name in packed.vault().structure()
    packed.raw(octets + bytes(1 << 20))
    assert packed.vault().structure() == "", "what follows the end is passed over"
    spoilt = bytearray(octets)
    spoilt[second + 20] ^= 1
    packed.raw(bytes(spoilt))
    assert made.name in packed.vault().structure(), "a header that cannot be read is not the end"


def test_a_checksum_beside_it_is_compared_and_one_without_any_is_not_called_read(packed: Packed) -> None:
    made = packed.keep()
    octets = subprocess.run(["zstd", "-dc", str(made)], check=True, capture_output=True).stdout
    packed.raw(octets, NOW, "--no-check")
    with pytest.raises(NotOffered, match="no checksum"):
        packed.vault().data(ALL)
    beside = made.with_name(f"{made.name}.sha256")
    beside.write_text(f"{hashlib.sha256(made.read_bytes()).hexdigest()}  {made.name}\n")
    assert packed.vault().data(ALL) == ""
    beside.write_text(f"{'0' * 64}  {made.name}\n")
    assert "checksum beside it" in packed.vault().data(ALL)


@pytest.mark.parametrize("name", ["../../escaped", "/a/../../../escaped", "a/.."])
def test_a_name_that_leads_out_is_damage_and_nothing_is_written(packed: Packed, name: str) -> None:
    made, into = packed.members((member("first"), b"x"), (member(name), b"evil")), packed.into()
    assert "leads out" in packed.vault().structure()
    with pytest.raises(Damaged, match="leads out"):
        list(packed.vault().entries(made.name))
    with pytest.raises(Damaged):
        packed.vault().restore(made.name, [f"/{name.lstrip('/')}", "/escaped"], into)
    assert files(packed.folder / "room") == []


def test_no_link_in_it_leads_anywhere(packed: Packed) -> None:
    outside = packed.folder / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    hostile = (
        (member("way", tarfile.SYMTYPE, str(outside)), b""),
        (member("way/planted"), b"evil"),
        (member("/absolute"), b"tame"),
        (member("link", tarfile.LNKTYPE, str(outside / "secret")), b""),
        (member("pipe", tarfile.FIFOTYPE), b""),
    )
    made, into = packed.members(*hostile), packed.into()
    packed.vault().restore(made.name, ["/way", "/way/planted", "/absolute", "/pipe"], into)
    assert files(into) == ["absolute", "way/planted"]
    with pytest.raises(Damaged, match="hard link"):
        packed.vault().restore(made.name, ["/link"], into)
    assert files(outside) == ["secret"]
    assert not (into / "link").exists()


def test_a_hard_link_comes_back_with_what_it_shares(either: Packed) -> None:
    os.link(either.source / "plain", either.source / "zz again")
    made, into = either.keep(), either.into()
    linked = [entry.path for entry in either.vault().entries(made.name) if entry.linked]
    assert len(linked) == 1
    either.vault().restore(made.name, linked, into)
    assert (into / linked[0].lstrip("/")).read_bytes() == (either.source / "plain").read_bytes()
    assert len(files(into)) == 1


def test_each_of_the_names_of_one_file_comes_back(either: Packed) -> None:
    """Its content is in the archive once, and a pipe goes only onward."""
    names = [str(either.source / name) for name in ("new\nline", "zz one", "zz two", "zz three")]
    for name in names[1:]:
        os.link(names[0], name)
    made, into = either.keep(), either.into()
    linked = [entry.path for entry in either.vault().entries(made.name) if entry.linked]
    assert len(linked) == 3
    for wanted in (linked, names):
        either.vault().restore(made.name, wanted, into)
        assert [f"/{one}" for one in files(into)] == sorted(wanted)
        for one in wanted:
            back = into / one.lstrip("/")
            assert back.read_bytes() == Path(names[0]).read_bytes()
            told = back.stat()
            assert (told.st_nlink, told.st_mode & 0o777) == (1, 0o600)
            assert int(told.st_mtime) == int(Path(names[0]).stat().st_mtime)
        shutil.rmtree(into)
        into.mkdir()


@pytest.mark.parametrize("either", ["packed", "behind_ssh"], indirect=True)
def test_an_archive_whose_name_is_no_utf8_is_listed_and_opened(either: Packed) -> None:
    odd = os.fsdecode(b"\xff")
    made, wanted, into = either.keep(NOW, odd), str(either.source / "plain"), either.into()
    (run,) = either.vault().runs([str(either.source)])
    assert run.id == rf"\xff{made.name[1:]}"
    assert (either.vault().structure(), either.vault().data(ALL)) == ("", "")
    either.vault().restore(run.id, [wanted], into)
    assert [f"/{one}" for one in files(into)] == [wanted]


def test_what_keeps_us_from_looking_is_told_apart_from_damage(either: Packed) -> None:
    assert either.vault().runs([]) == []
    with pytest.raises(NotOffered):
        either.vault().unlock()
    made = either.keep()
    either.archives.rename(either.folder / "away")
    with pytest.raises(Gone):
        either.vault().runs([])
    (either.folder / "away").rename(either.archives)
    made.unlink()
    with pytest.raises(Unreachable, match="no more"):
        list(either.vault().entries(made.name))


def test_a_connection_that_breaks_is_no_damage_nor_is_a_key_that_is_refused(behind_ssh: Packed) -> None:
    """The half that came looks cut; it is the connection that is told."""
    door = behind_ssh.door
    assert door is not None
    behind_ssh.members((member("big"), os.urandom(4 << 20)))
    known = door.known_hosts.read_text()
    with link(door.port, limit=200_000) as one:
        door.known_hosts.write_text(known.replace(f":{door.port} ", f":{one.port} "))
        behind_ssh.door = replace(door, port=one.port)
        with pytest.raises(Unreachable, match="broke off"):
            behind_ssh.vault().structure()
    door.known_hosts.write_text(known)
    behind_ssh.door = door
    assert behind_ssh.vault().structure() == ""
    (behind_ssh.folder / "key.pub").write_text("")
    with pytest.raises(NotAuthorised):
        behind_ssh.vault().structure()


def test_an_archive_keeps_its_part_when_others_come(packed: Packed) -> None:
    """Else what was read is forgotten each night."""
    first = packed.keep()
    flipped(first)
    before = [bool(packed.vault().data(Part(number, packed.vault().parts(5)))) for number in range(1, 6)]
    packed.keep(NOW - timedelta(days=1))
    packed.keep(NOW + timedelta(days=1))
    assert [bool(packed.vault().data(Part(number, packed.vault().parts(5)))) for number in range(1, 6)] == before


def test_damage_is_told_although_another_has_no_checksum(packed: Packed) -> None:
    """Which of the two is older does not matter."""
    good = packed.keep()
    octets = subprocess.run(["zstd", "-dc", str(good)], check=True, capture_output=True).stdout
    packed.raw(octets, NOW, "--no-check")
    for day in (-1, 1):
        bad = packed.keep(NOW + timedelta(days=day))
        flipped(bad)
        assert packed.vault().data(ALL).startswith(f"{bad.name}: ")
        bad.unlink()


def test_one_that_is_still_written_is_no_damage(packed: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    made = packed.keep()
    os.truncate(made, 3000)
    vault, real = packed.vault(), Folder.opened

    def grows(self: Folder, name: str) -> object:
        with made.open("ab") as file:
            file.write(b"more")
        return real(self, name)

    monkeypatch.setattr(Folder, "opened", grows)
    with pytest.raises(Unreachable, match="being written"):
        vault.structure()


def test_the_program_that_is_missing_is_named(packed: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    packed.keep()
    monkeypatch.setattr("ops.adapters.backup_tool.PATH", "/nonexistent")
    with pytest.raises(NotFound, match="zstd is not installed"):
        packed.vault().structure()


def test_nothing_of_it_is_kept_in_memory(packed: Packed) -> None:
    """Not its members, not a large file without a line, not a header that says it is huge."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = packed.path(NOW)
    big = packed.folder / "zeros"
    with big.open("wb") as file:
        file.truncate(1 << 30)
    subprocess.run(["tar", "-I", "zstd -1", "-cf", str(made), "-C", str(packed.folder), "zeros"], check=True)
    assert packed.vault().structure() == ""
    with subprocess.Popen(["tar", "-cC", str(packed.source), "."], stdout=subprocess.PIPE) as tar:
        kept = [len(archive.members) for _, _, archive in members(tar.stdout)]  # type: ignore[attr-defined,arg-type]
    assert (len(kept), max(kept)) == (len(NAMES) + 1, 0)
    huge = member("long", tarfile.XHDTYPE)
    huge.size = 1 << 30
    packed.raw(huge.tobuf() + bytes(1 << 20))
    assert "larger than any" in packed.vault().structure()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 60 << 10, f"{grown} KiB"


def test_check_and_restore_test_look_into_it(either: Packed, tmp_path: Path) -> None:
    made = either.keep()
    desk = lead(either, tmp_path)

    def check() -> dict[str, str]:
        said = desk.ops("backup", "check", "--json")
        return {one["rule"]: one["verdict"] for one in said.json["findings"]}

    first = check()
    for rule in ("freshness", "start", "finish", "sources", "structure", "data"):
        assert first[rule] == "PASS", (rule, first)
    back = desk.ops("backup", "restore-test", "homes", "--files", "4")
    assert (back.code, "4 of 4 right" in back.out) == (0, True), back.err
    flipped(made)
    back = desk.ops("backup", "restore-test", "homes", "--files", "4")
    assert back.code == 3, back.out + back.err
    assert made.name in back.out
    told = check()
    assert {told[rule] for rule in ("data 1/1", "restore")} == {"FAIL"}


def test_an_archive_whose_name_is_no_utf8_can_be_told_of(packed: Packed, tmp_path: Path) -> None:
    made = packed.keep(NOW, os.fsdecode(b"\xff"))
    desk = lead(packed, tmp_path)
    back = desk.ops("backup", "restore-test", "homes", "--files", "4")
    assert (back.code, "4 of 4 right" in back.out) == (0, True), back.err
    flipped(made)
    for verb in (("check",), ("restore-test", "homes")):
        said = desk.ops("backup", *verb)
        assert (said.code, f"\\udcff{made.name[1:]}" in said.out) == (3, True), said.out + said.err


@pytest.mark.parametrize("there", ["packed", "behind_ssh"])
def test_a_folder_is_one_by_whatever_link_it_is_reached(request: pytest.FixtureRequest, there: str) -> None:
    either: Packed = request.getfixturevalue(there)
    either.keep()
    here, by_link, other = ways(either.folder, lambda folder: replace(either, folder=folder).vault())
    assert (here == by_link, here == other, bool(other)) == (True, False, True)
