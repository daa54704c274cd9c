"""What a restore test says of one backup: of files the tool refused, that moved, or that there is no room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

import pytest

from inventory.backup.assurance import Entry
from inventory.backup.manifest import Measured, written
from inventory.backup.model import Backups, Run
from inventory.backup.reading import read_backups
from ops.adapters import backup_return
from ops.adapters.backup import BackupReader, Broken
from ops.adapters.backup_return import BATCH
from ops.audits.backups.restore import restore
from ops.finding import Finding, Verdict

PLAN = """systems:
  FS-1: {host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith}
targets:
  vault: {tool: restic, where: /srv/r, site: Perth, encrypted: "false"}
jobs:
  homes: {system: FS-1, target: vault, paths: [/srv/home], every: 1d}
"""
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dataclass
class Shelf:
    """One backup of some files, ``moved`` of which changed while it was made.

    The file ``bad`` lies in a damaged pack; ``short`` comes back with an octet less.
    """

    files: Sequence[Entry]
    moved: int = 0
    bad: str = ""
    short: str = ""

    asked: list[list[str]] = field(default_factory=list)

    def hashes(self, _: str) -> bool:
        return True

    def place(self) -> str:
        return "restic at /srv/r"

    @property
    def plan(self) -> Backups:
        return read_backups(PLAN)

    @property
    def target(self) -> object:
        return self.plan.targets["vault"]

    def vault(self, _: str) -> Shelf:
        return self

    def original(self, _: object) -> None:
        return None

    def runs(self, _: Sequence[str]) -> list[Run]:
        return [Run("b", NOON, NOON, len(self.files), 5000, ("/srv/home",), "fs1")]

    def manifest(self, run: str) -> Iterator[bytes] | None:
        if not self.moved:
            return None
        rows = [
            Measured(one.path, one.size, 1, sha256(b"x" * one.size).hexdigest(), number >= self.moved)
            for number, one in enumerate(self.files)
        ]
        return iter(list(written({"backup": run}, rows)))

    def spelling(self, path: str) -> str:
        return path

    def entries(self, _: str) -> Iterator[Entry]:
        yield from self.files

    def restore(self, _: str, paths: Sequence[str], into: Path) -> None:
        self.asked.append(list(paths))
        if self.bad in paths:
            raise Broken(self.plan.targets["vault"], "pack 1234 is damaged")
        sizes = {one.path: one.size for one in self.files}
        for path in paths:
            back = into / path.lstrip("/")
            back.parent.mkdir(parents=True, exist_ok=True)
            back.write_bytes(b"x" * (sizes[path] - (path == self.short)))

    @contextmanager
    def room(self) -> Iterator[Path]:
        with TemporaryDirectory() as folder:
            yield Path(folder)


def files(*sizes: int) -> list[Entry]:
    return [Entry(f"/srv/home/{number:04}", size) for number, size in enumerate(sizes)]


def result(shelf: Shelf, number: int = 59) -> Finding:
    """What a restore test says of its files."""
    found = restore.function(cast("BackupReader", shelf), "homes", number, "chance")
    (one,) = [one for one in found if isinstance(one, Finding) and one.rule == "restore"]
    return one


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """So much room is left here."""

    def set_(octets: int) -> None:
        left = SimpleNamespace(free=octets * backup_return.SPARE + 0.5)
        monkeypatch.setattr(backup_return, "disk_usage", lambda _: left)

    return set_


def test_where_all_changed_while_it_was_made_nothing_is_known_and_nothing_is_wrong() -> None:
    """One live database file, say: nobody can tell what it should hold, and no other backup would be better."""
    one = result(Shelf(files(5), moved=1))
    assert one.verdict is Verdict.UNKNOWN
    assert "no file was tried: nothing is known; 1 changed while it was made;" in one.because
    assert "compared" not in one.because
    assert one.next_step.endswith("ops backup run homes")


@pytest.mark.parametrize(("left", "all_", "verdict"), [(300, 302, "UNKNOWN"), (1, 4, "PASS"), (6, 100, "UNKNOWN"),
                                                       (5, 100, "PASS")])  # fmt: skip
def test_where_many_files_were_compared_with_nothing_the_others_do_not_speak_for_them(
    left: int, all_: int, verdict: str
) -> None:
    """They changed while it was made, or their names are not known."""
    here = files(*[5] * all_)
    assert result(Shelf(here, moved=left), all_).verdict.name == verdict
    unnamed = [replace(one, garbled=number < left) for number, one in enumerate(here)]
    one = result(Shelf(unnamed), all_)
    assert (one.verdict.name, f"{left} more" in one.because) == (verdict, True)


def test_what_lies_beside_the_paths_of_a_job_proves_nothing_for_them() -> None:
    """Several jobs may write to one backup."""
    beside = [Entry(f"/srv/homestead/{number}", 5) for number in range(200)]
    shelf = Shelf([*beside, *files(5, 6)])
    one = result(shelf)
    assert (one.verdict, "all 2 files are right" in one.because) == (Verdict.PASS, True), one.because
    assert {path for lot in shelf.asked for path in lot} == {"/srv/home/0000", "/srv/home/0001"}


def test_a_backup_with_no_file_in_it_is_a_failure() -> None:
    assert result(Shelf([])).verdict is Verdict.FAIL


def test_of_one_damaged_pack_it_is_not_said_that_all_files_are_bad() -> None:
    """The tool refused the whole lot of them: which file is bad it does not say."""
    shelf = Shelf(files(*[10] * 100))
    shelf.bad = "/srv/home/0007"
    one = result(shelf, 100)
    assert one.verdict is Verdict.FAIL
    assert "UTC: none of 100 can be trusted: pack 1234 is damaged; drawn" in one.because
    assert "bad" not in one.because


def test_files_of_the_lots_that_came_back_are_told_apart_from_those_of_the_one_that_did_not() -> None:
    shelf = Shelf(files(*[10] * (BATCH + 20)))
    shelf.bad = f"/srv/home/{BATCH + 7:04}"
    assert f"20 of {BATCH + 20} cannot be trusted: pack 1234 is damaged" in result(shelf, 1000).because
    shelf.short = "/srv/home/0003"
    because = result(shelf, 1000).because
    assert f"UTC: 1 of {BATCH + 20} files are bad, 20 of {BATCH + 20} cannot be trusted: pack 1234 is" in because
    assert "; /srv/home/0003 came back with 9 octets" in because


@pytest.mark.parametrize("sizes", [[10] * 100, [10] * 60 + [11] * 40, [1] * 4 + [10] * 96])
def test_of_files_most_of_which_are_as_small_as_those_left_out_no_bound_is_said(
    free: Callable[[int], None], sizes: Sequence[int]
) -> None:
    """Which of them came back was not left to chance."""
    free(305)
    shelf = Shelf(files(*sizes))
    one, number = result(shelf), len(shelf.asked[0])
    assert number >= 30
    assert one.verdict is Verdict.UNKNOWN
    assert "at most" not in one.because
    assert f"UTC: all {number} files are right;" in one.because
    assert f"{100 - number} as large or larger are left out: there is no room here" in one.because
    assert "free some space" in one.next_step


def test_a_bound_is_said_of_the_smaller_files_and_by_what_came_back_of_them(free: Callable[[int], None]) -> None:
    """Those of the size that does not fit any more were chosen by their name, and not by chance."""
    free(200)
    shelf = Shelf(files(*[1] * 100, *[20] * 100))
    one = result(shelf)
    (asked,) = shelf.asked
    small = sum(name < "/srv/home/0100" for name in asked)
    assert (small, len(asked)) == (len(asked), small)
    assert f"{small} of {small} right: 95 % sure that at most" in one.because
    assert "% of 100 are bad" in one.because
    assert "100 as large or larger are left out" in one.because
