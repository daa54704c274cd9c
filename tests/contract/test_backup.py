"""Repositories of real restic and borg, read through one protocol: what is in them, what is wrong with them."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree, rmtree
from socket import gethostname

import pytest

from inventory.backup.model import Target
from ops.adapters.backup import Part, Vault
from ops.adapters.backup_limits import Limits
from ops.adapters.backup_tool import Tool, ended
from ops.adapters.borg import BorgVault
from ops.adapters.restic import ResticVault
from ops.errors import ApplyFailed, NotAuthorised, NotFound, Unreachable
from ops.secret import Secret
from tests.contract.dated import ALL, fill
from tests.restic_key import empty

PASSWORD = "korrekt horse"  # noqa: S105
NAMES = ["plain", "two words", "-rf", "ünï", "new\nline", "[odd]*?", "$(reboot)", "back\\slash", "*", "empty"]


@dataclass
class Kept:
    """One repository with a backup of a folder in it."""

    tool: str
    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "source"

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    def vault(self, password: str = PASSWORD, **more: str) -> Vault:
        target = Target("vault", self.tool, str(self.repository), "disk", "here", "rack", "file:x")
        made: Callable[..., Vault] = ResticVault if self.tool == "restic" else BorgVault
        return made(replace(target, **more), Secret(password), self.folder / "cache")

    def run(self, *words: str) -> None:
        """The tool by hand, as whoever makes backups runs it."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "BORG_BASE_DIR": str(self.folder / "cache")}
        environment |= {"RESTIC_PASSWORD": PASSWORD, "BORG_PASSPHRASE": PASSWORD, "LC_ALL": "C.UTF-8"}
        environment |= {"RESTIC_REPOSITORY": str(self.repository), "RESTIC_CACHE_DIR": str(self.folder / "cache")}
        subprocess.run([self.tool, *words], env=environment, check=True, capture_output=True, timeout=120)

    def keep(self, name: str = "again", folder: Path | None = None) -> None:
        """One more backup, of its source or of another folder."""
        if self.tool == "restic":
            self.run("backup", str(folder or self.source))
        else:
            self.run("create", f"{self.repository}::{name}", str(folder or self.source))

    def packs(self) -> list[Path]:
        """The files that hold the data, largest first."""
        below = "data" if self.tool == "restic" else "data/0"
        found = [path for path in (self.repository / below).rglob("*") if path.is_file()]
        return sorted(found, key=lambda path: -path.stat().st_size)


def filled(made: Kept) -> Kept:
    """With one backup of a folder full of odd names in it."""
    fill(made.source, NAMES)
    if made.tool == "restic":
        copytree(empty(PASSWORD), made.repository)
    else:
        made.run("init", "-e", "repokey", str(made.repository))
    made.keep("first")
    return made


@pytest.fixture(params=["restic", "borg"])
def kept(tmp_path: Path, request: pytest.FixtureRequest) -> Kept:
    return filled(Kept(request.param, tmp_path))


def test_what_is_in_it_is_told_with_its_moment_and_its_size(kept: Kept) -> None:
    before = datetime.now(UTC)
    kept.keep("second")
    vault = kept.vault()
    first, second = vault.sized(vault.runs([str(kept.source)]))
    assert first.started <= second.started  # borg tells whole seconds
    assert abs(second.started - before) < timedelta(minutes=2)
    whole = sum((kept.source / name).stat().st_size for name in NAMES)
    assert second.octets is not None
    assert abs(second.octets - whole) < 2000
    assert second.files is not None
    assert len(NAMES) <= second.files <= len(NAMES) + 10
    assert str(kept.source) in second.paths
    assert kept.vault().runs(["/srv/other"]) == []


def test_the_size_of_each_is_told_whichever_was_asked_for_before(kept: Kept) -> None:
    """Several jobs write to one repository, and each asks for the sizes of its own."""
    when = ["create", "--timestamp", "2026-11-01T12:00:00", f"{kept.repository}::earlier"]
    kept.run(*(when if kept.tool == "borg" else ["backup", "--time", "2026-11-01 12:00:00"]), str(kept.source))
    vault = kept.vault()
    earlier, now = vault.runs([])
    (newest,) = vault.sized([now])
    told = vault.sized([earlier, now])
    assert told[1] == newest
    assert told[0].octets
    assert told[0].files == newest.files


def test_of_the_paths_of_a_job_those_that_were_not_there_are_not_in_its_backup(kept: Kept) -> None:
    """Its tool was told of them all the same, and of what it leaves out."""
    never, left_out = str(kept.folder / "never"), str(kept.folder / "out")
    (other := kept.folder / "second path").mkdir()
    words = [str(kept.source), never, str(other), "--exclude", left_out]
    with suppress(subprocess.CalledProcessError):  # borg warns
        kept.run(*(["create", f"{kept.repository}::more"] if kept.tool == "borg" else ["backup"]), *words)
    vault = kept.vault()
    newest = vault.runs([str(kept.source)])[-1]
    asked = [never, str(other), left_out, str(kept.source)]
    assert set(vault.held(newest, asked)) == {str(other), str(kept.source)}
    assert vault.held(newest, [never]) == ()


def test_another_repository_in_its_place_is_told_from_it(kept: Kept) -> None:
    def place() -> str:
        vault = kept.vault()
        vault.runs([])
        return vault.place()

    first = place()
    assert first.startswith(f"{kept.tool} at {kept.repository}, number ")
    kept.keep("second")
    assert place() == first
    rmtree(kept.repository)
    kept.run(*(["init"] if kept.tool == "restic" else ["init", "-e", "repokey", str(kept.repository)]))
    kept.keep("third")
    assert place() != first
    assert place().startswith(f"{kept.tool} at {kept.repository}, number ")


def test_every_file_is_listed_by_its_whole_path_and_size(kept: Kept) -> None:
    (run,) = kept.vault().runs([])
    found = {entry.path: entry.size for entry in kept.vault().entries(run.id)}
    assert found == {str(kept.source / name): (kept.source / name).stat().st_size for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_comes_back_as_it_was_and_nothing_else_does(kept: Kept, name: str) -> None:
    into = kept.folder / "into"
    into.mkdir()
    (run,) = kept.vault().runs([])
    kept.vault().restore(run.id, [str(kept.source / name)], into)
    found = [path for path in into.rglob("*") if path.is_file()]
    assert [str(path).removeprefix(str(into)) for path in found] == [str(kept.source / name)]
    assert found[0].read_bytes() == (kept.source / name).read_bytes()


def test_a_whole_one_is_whole(kept: Kept) -> None:
    assert (kept.vault().structure(), kept.vault().data(ALL)) == ("", "")


def test_a_flipped_octet_is_found_by_reading_the_data(kept: Kept) -> None:
    pack = kept.packs()[0]
    octets = bytearray(pack.read_bytes())
    octets[len(octets) // 2] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(octets)
    said = kept.vault().data(ALL)
    assert re.search("Pack ID does not match, want [0-9a-f]{8}…" if kept.tool == "restic" else ".", said), said


@pytest.mark.parametrize("kept", ["restic"], indirect=True)
def test_restic_calls_a_flipped_octet_fine_until_its_part_is_read(kept: Kept) -> None:
    """Why a rotating read is needed: a check of the structure says nothing of the data."""
    pack = kept.packs()[0]
    octets = bytearray(pack.read_bytes())
    octets[len(octets) // 2] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(octets)
    assert kept.vault().structure() == ""
    assert [bool(kept.vault().data(Part(number, 4))) for number in (1, 2, 3, 4)].count(True) == 1


RESTIC_AT_NIGHT = pytest.param("restic", marks=pytest.mark.night)  # it tries again for most of a minute


@pytest.mark.parametrize("kept", [RESTIC_AT_NIGHT, "borg"], indirect=True)
def test_a_file_of_the_repository_that_is_gone_is_found_by_its_structure(kept: Kept) -> None:
    pack = kept.packs()[0]
    pack.chmod(0o600)
    pack.unlink()
    assert kept.vault().structure() + kept.vault().data(ALL) != ""


def test_what_keeps_us_from_looking_is_told_apart_from_damage(kept: Kept) -> None:
    with pytest.raises(NotAuthorised, match="does not open it"):
        kept.vault("wrong").runs([])
    with pytest.raises(NotFound, match="no repository"):
        kept.vault(where=str(kept.folder / "elsewhere")).runs([])


def test_a_file_that_is_not_in_it_is_not_brought_back_in_silence(kept: Kept) -> None:
    into = kept.folder / "into"
    into.mkdir()
    (run,) = kept.vault().runs([])
    if kept.tool == "borg":
        with pytest.raises(ApplyFailed):
            kept.vault().restore(run.id, ["/never/there"], into)
    else:
        kept.vault().restore(run.id, ["/never/there"], into)  # restic says nothing; whoever compares sees it
    assert [path for path in into.rglob("*") if path.is_file()] == []


@pytest.fixture
def idle() -> Tool:
    return Tool("sh", {}, Secret(PASSWORD), "TOLD_BY", "/dev/fd/{}")


def test_a_password_is_in_no_argument_and_no_environment(idle: Tool) -> None:
    seen = b"".join(idle.lines(["-c", 'tr "\\0" "\\n" </proc/self/environ; tr "\\0" "\\n" </proc/self/cmdline']))
    assert b"TOLD_BY=/dev/fd/" in seen
    assert PASSWORD.encode() not in seen
    assert b"".join(idle.lines(["-c", 'cat "$TOLD_BY"'])) == PASSWORD.encode() + b"\n"


def test_a_program_that_does_not_end_or_is_not_there_is_said(idle: Tool) -> None:
    with pytest.raises(Unreachable, match="did not end"):
        idle.run(["-c", "exec sleep 60"], limits=Limits(0.3))
    with pytest.raises(NotFound, match="not installed"):
        Tool("no-such-program", {}, None, "").run([])


def test_a_program_that_somebody_kills_found_nothing_wrong(idle: Tool) -> None:
    """The kernel, when memory is short: that is no damage of a repository."""
    with pytest.raises(Unreachable, match="sh was ended from outside"):
        idle.run(["-c", "kill -KILL $$"])


def test_what_did_not_end_in_time_is_said_whoever_looks_first(idle: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(one: subprocess.Popen[bytes]) -> None:
        ended(one)
        time.sleep(0.3)

    monkeypatch.setattr("ops.adapters.backup_tool.ended", slow)
    with pytest.raises(Unreachable, match="did not end within"):
        idle.run(["-c", "sleep 9"], limits=Limits(0.2))


def test_what_outlives_the_program_is_ended_with_it(idle: Tool) -> None:
    """It holds what the program printed to, and whoever reads would wait for it."""
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="did not end within"):
        idle.run(["-c", "sleep 40 & exit 0"], limits=Limits(0.5))
    assert time.monotonic() - begun < 20


def test_a_reader_that_stops_early_ends_the_program(idle: Tool) -> None:
    lines = idle.lines(["-c", "while :; do echo $$; done"])
    there = Path("/proc", next(lines).decode().strip())
    assert there.exists()
    lines.close()
    assert not there.exists()


@pytest.mark.night
def test_a_backup_is_not_lost_among_many_newer_ones_of_other_jobs(tmp_path: Path) -> None:
    kept, other = filled(Kept("borg", tmp_path)), tmp_path / "other"
    other.mkdir()
    for number in range(24):
        kept.keep(f"other-{number}", other)
    vault = kept.vault()
    (run,) = vault.sized(vault.runs([str(kept.source)]))
    assert run.octets


def test_the_moment_is_right_in_any_zone(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        (run,) = kept.vault().runs([])
    finally:
        monkeypatch.undo()
        time.tzset()
    assert abs(run.started - datetime.now(UTC)) < timedelta(minutes=5)
    assert run.host == gethostname()


@pytest.mark.parametrize("kept", ["restic"], indirect=True)
def test_a_small_repository_is_divided_into_no_more_parts_than_it_has_packs(kept: Kept) -> None:
    """Of 90 parts of four packs at least 86 were read as well, and held nothing."""
    packs = len(list(kept.repository.glob("data/*/*")))
    assert kept.vault().parts(1) == 1
    assert packs // 2 < kept.vault().parts(90) <= packs
    assert kept.vault(where="sftp://b@vault/srv/restic").parts(90) == 90, "nobody counts them there"
