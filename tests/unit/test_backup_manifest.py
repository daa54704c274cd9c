"""What a backup was made of, written down and read back: the same files give the same octets, and nothing slips in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from inventory.backup.manifest import Manifest, Measured, Tally, place, written
from inventory.backup.measuring import Seen, absent, apart, compared, measured, walked
from ops.errors import EvidenceInvalid, Refused

HEAD = {"job": "homes", "run": "abcd2345"}
NAMES = [b"plain", b"two words", b"new\nline", b"per%cent", b"\xff\xfe no utf-8", "ünï".encode(), b"a-b", b"-rf", b" "]

octets = some.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name)
files = some.builds(
    Measured,
    path=octets.map(lambda name: "/" + os.fsdecode(name)),
    size=some.integers(0, 2**62),
    mtime=some.integers(-(2**62), 2**62),
    sha256=some.binary(min_size=32, max_size=32).map(bytes.hex),
    settled=some.booleans(),
)


def ordered(found: Sequence[Measured]) -> list[Measured]:
    return sorted({one.path: one for one in found}.values(), key=lambda one: place(one.path))


def text(found: Sequence[Measured]) -> list[bytes]:
    return list(written(HEAD, found))


@given(some.lists(files, max_size=30))
@example([Measured(f"/{name}", 2**62, 0, "0" * 64, settled=True) for name in "abcd"])  # more than 10 EB in all
def test_what_is_written_is_read_back_as_it_was(found: list[Measured]) -> None:
    wanted = ordered(found)
    lines = text(wanted)
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 and line.isascii() for line in lines)
    manifest = Manifest(lines)
    assert (manifest.head, list(manifest)) == (HEAD, wanted)
    assert manifest.files == len(wanted)
    assert manifest.changed == sum(not one.settled for one in wanted)
    assert manifest.octets == sum(one.size for one in wanted)
    assert manifest.digest == sha256(b"".join(lines[:-1])).hexdigest()
    assert list(written(manifest.head, wanted)) == lines


@given(some.lists(files, min_size=1, max_size=10), some.data())
def test_no_octet_can_be_another_and_nothing_can_be_missing(found: list[Measured], data: some.DataObject) -> None:
    whole = b"".join(text(ordered(found)))
    at = data.draw(some.integers(0, len(whole) - 1))
    other = bytearray(whole)
    other[at] ^= data.draw(some.integers(1, 255))
    for damaged in (bytes(other), whole[:at], whole + b"x", whole.replace(b"\n", b"\r\n")):
        with pytest.raises(EvidenceInvalid, match="not whole"):
            list(Manifest(damaged.splitlines(keepends=True)))


def test_a_manifest_whose_order_or_writing_is_another_is_refused_though_its_digest_is_right() -> None:
    first, second = Measured("/a", 1, 1, "0" * 64), Measured("/b", 1, 1, "0" * 64)
    odd = [line.replace(b"/a", b"/%61") for line in text([first])[:-1]]
    odd.append(b"end 1 0 1 " + sha256(b"".join(odd)).hexdigest().encode() + b"\n")
    for lines in (text([second, first]), text([first, first]), odd):
        with pytest.raises(EvidenceInvalid, match="order|not written"):
            list(Manifest(lines))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Names of every kind, deep and shallow, with a link and a pipe that are no files."""
    for number, name in enumerate(NAMES):
        for below in ("", "a", "a/b"):
            into = tmp_path / "data" / below
            into.mkdir(parents=True, exist_ok=True)
            (into / os.fsdecode(b"f" + name)).write_bytes(bytes([number]) * 1000 * number)
    (tmp_path / "data/link").symlink_to("fplain")
    os.mkfifo(tmp_path / "data/pipe")
    return tmp_path / "data"


def test_every_regular_file_is_walked_once_in_order_with_its_hash(folder: Path) -> None:
    found = list(measured([str(folder)]))
    assert found == ordered(found)
    assert len(found) == 3 * len(NAMES)
    for one in found:
        held = Path(one.path).read_bytes()
        assert (one.size, one.sha256, one.settled) == (len(held), sha256(held).hexdigest(), True)
    assert [one.path for one in walked([str(folder)])] == [one.path for one in found]
    assert list(Manifest(text(found))) == found


def test_paths_within_others_are_not_counted_twice(folder: Path) -> None:
    assert apart(["/srv/b/", "/srv", "/srv-2", "/srv/a"]) == ["/srv", "/srv-2"]
    assert apart(["/x", "/"]) == ["/"]
    once = list(measured([str(folder)]))
    assert list(measured([str(folder), str(folder / "a"), f"{folder}/"])) == once


def test_what_changed_between_two_looks_is_marked_and_nothing_else() -> None:
    before = [Measured(f"/{name}", 5, 10, "ab" * 32) for name in ("gone", "grown", "same", "touched")]
    now = [Seen("/grown", 6, 10), Seen("/new", 1, 1), Seen("/same", 5, 10), Seen("/touched", 5, 11)]
    found = {one.path: one for one in compared(before, now)}
    assert [path for path, one in found.items() if one.settled] == ["/same"]
    assert list(found) == ["/gone", "/grown", "/new", "/same", "/touched"]
    assert found["/grown"] == replace(before[1], settled=False)


def test_what_may_not_be_read_and_what_is_not_there_is_said(folder: Path, tmp_path: Path) -> None:
    assert absent([str(folder), str(folder / "fplain")]) == []
    (tmp_path / "to").symlink_to(folder)
    gone, link, pipe = absent([str(tmp_path / "gone"), str(tmp_path / "to"), str(folder / "pipe")])
    assert "No such file" in gone
    assert "name what it leads to" in link
    assert "no folder, no file" in pipe
    shut, listed = folder / "a", tmp_path / "listed"
    listed.mkdir()
    (listed / "file").write_text("x")
    for one, mode, said in ((shut, 0, shut), (listed, 0o400, listed / "file")):
        one.chmod(mode)
        seen = lowered("from inventory.backup.measuring import measured; list(measured(sys.argv[1:]))", one.parent)
        assert f"{Refused.__name__}: {said} may not be read" in seen
        one.chmod(0o755)


def lowered(text: str, *words: Path) -> str:
    """What Python complains of as somebody who is not almighty."""
    lower = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    argv = [*lower, sys.executable, "-c", f"import sys; {text}", *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stderr


def test_what_came_back_is_read_and_taken_away_whatever_its_rights(tmp_path: Path) -> None:
    """Tools bring rights back too: a folder nobody may write to, a file nobody may read; a link is not followed."""
    (room := tmp_path / "room").mkdir()
    (tmp_path / "elsewhere").mkdir(mode=0o500)
    (room / "deep/er").mkdir(parents=True)
    (room / "to").symlink_to(tmp_path / "elsewhere")
    (file := room / "deep/er/file").write_text("x")
    file.chmod(0)
    for folder in (file.parent, file.parent.parent):
        folder.chmod(0o500)
    text = (
        "from pathlib import Path; from inventory.backup.assurance import Entry, wrong; from hashlib import sha256; "
        "from ops.private import ours; ours(Path(sys.argv[1])); "
        "assert not wrong(Path(sys.argv[2]), Entry('/file', 1, sha256(b'x').hexdigest()))"
    )
    assert lowered(text, room, file) == ""
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o500
    for folder in (file.parent, file.parent.parent):
        folder.chmod(0o500)
    assert lowered("from pathlib import Path; from ops.private import removed; removed(Path(sys.argv[1]))", room) == ""
    assert not room.exists()
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o500


def test_a_path_longer_than_this_machine_can_name_is_refused_by_its_beginning(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_DIRECTORY)
    for _ in range(24):
        os.mkdir("d" * 200, dir_fd=here)
        below = os.open("d" * 200, os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    with pytest.raises(Refused, match="cannot be read .File name too long.") as met:
        list(measured([str(tmp_path)]))
    assert len(str(met.value)) < 400
    subprocess.run(["rm", "-rf", str(tmp_path / ("d" * 200))], check=True)


def test_a_tally_asks_for_no_order_and_notices_one_octet() -> None:
    def tallied(*some_files: tuple[str, int]) -> Tally:
        made = Tally()
        for one in some_files:
            made.add(*one)
        return made

    a, b = ("/a", 1), ("/b\udcff", 2)
    assert tallied(a, b) == tallied(b, a)
    assert tallied(a, b) != tallied(("/a", 2), ("/b\udcff", 1))
    assert tallied(a, a) != tallied(a)
