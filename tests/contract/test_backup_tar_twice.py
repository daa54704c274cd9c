"""A path that is in an archive more than once, as ``tar -r`` leaves it: the last member counts, as when tar unpacks."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ops.adapters.backup import Damaged
from tests.contract.dated import NOW, files
from tests.contract.packed_archives import Packed, lead, member, packed

__all__ = ["packed"]


class Appended:
    """An archive that real tar appends to."""

    def __init__(self, packed: Packed) -> None:
        self.packed, self._raw = packed, packed.folder / "raw.tar"
        self.add("-cf")

    def add(self, word: str = "-rf", *names: str) -> None:
        paths = [str(self.packed.source / name).lstrip("/") for name in names or ("",)]
        subprocess.run(["tar", "--no-recursion", word, str(self._raw), "-C", "/", *paths], check=True)

    def made(self) -> Path:
        return self.packed.raw(self._raw.read_bytes(), NOW)

    def unpacked(self) -> dict[str, bytes]:
        """What real tar leaves, but for links."""
        (into := self.packed.folder / "by tar").mkdir()
        subprocess.run(["tar", "-xf", str(self._raw), "-C", str(into)], check=True)
        found = [path for path in into.rglob("*") if path.is_file() and not path.is_symlink()]
        return {f"/{path.relative_to(into)}": path.read_bytes() for path in found}


def write(packed: Packed, name: str, text: str) -> None:
    (packed.source / name).unlink(missing_ok=True)
    (packed.source / name).write_text(text)


def larger(one: Appended) -> None:
    write(one.packed, "a", "and it has grown")
    one.add("-rf", "a")


def as_a_link(one: Appended) -> None:
    write(one.packed, "b", "of both")
    (one.packed.source / "a").unlink()
    os.link(one.packed.source / "b", one.packed.source / "a")
    one.add("-rf", "b", "a")
    write(one.packed, "b", "of one, later")
    one.add("-rf", "b")


def first_as_a_link(one: Appended) -> None:
    as_a_link(one)
    larger(one)


def as_a_short_cut(one: Appended) -> None:
    (one.packed.source / "a").unlink()
    (one.packed.source / "a").symlink_to("b")
    one.add("-rf", "a")


def twice_at_once(one: Appended) -> None:
    os.link(one.packed.source / "a", one.packed.source / "c")
    one.add("-rf", "a", "a", "c")


@pytest.mark.parametrize(
    ("change", "linked"),
    [(larger, 0), (as_a_link, 1), (first_as_a_link, 0), (as_a_short_cut, 0), (twice_at_once, 1)],
)
def test_the_last_of_a_path_is_listed_counted_and_brought_back(
    packed: Packed, change: Callable[[Appended], None], linked: int
) -> None:
    for name in ("a", "b"):
        write(packed, name, f"{name} at first")
    one = Appended(packed)
    one.add("-rf", "a", "b")
    change(one)
    made, wanted, vault, into = one.made(), one.unpacked(), packed.vault(), packed.into()
    found = {entry.path: entry for entry in vault.entries(made.name)}
    assert found.keys() == wanted.keys()
    sized = {path: entry.size for path, entry in found.items() if not entry.linked}
    assert sized == {path: len(wanted[path]) for path in sized}
    assert len(found) - len(sized) == linked
    (run,) = vault.runs([])
    assert (run.files, run.octets) == (len(wanted), sum(sized.values()))
    vault.restore(made.name, [str(packed.source / name) for name in ("a", "b", "c")], into)
    assert {f"/{name}": (into / name).read_bytes() for name in files(into)} == wanted


Links = Sequence[tuple[tarfile.TarInfo, bytes]]


@pytest.mark.parametrize("then", [member("first", tarfile.SYMTYPE, "x"), member("first", tarfile.LNKTYPE, "other")])
def test_a_hard_link_to_what_is_no_file_any_more_is_no_older_file(packed: Packed, then: tarfile.TarInfo) -> None:
    held: Links = [(member("first"), b"old"), (then, b""), (member("link", tarfile.LNKTYPE, "first"), b"")]
    made = packed.members(*held)
    with pytest.raises(Damaged, match="hard link"):
        packed.vault().restore(made.name, ["/link"], packed.into())


def test_a_restore_test_of_an_archive_that_was_appended_to_is_right(packed: Packed, tmp_path: Path) -> None:
    write(packed, "a", "at first")
    one = Appended(packed)
    one.add("-rf", "a")
    larger(one)
    one.made()
    back = lead(packed, tmp_path).ops("backup", "restore-test", "homes", "--files", "1000")
    assert "the one file there is is right" in back.out, back.out + back.err
