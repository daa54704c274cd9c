"""``ops backup run`` with real restic and borg: a backup, its manifest beside it, both read back; what goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp
from typing import Any, cast

import pytest

from inventory.backup.manifest import Manifest, Measured, written
from inventory.backup.model import Job
from inventory.backup.reading import read_backups
from ops.adapters.backup import Mark, WritableVault
from ops.adapters.backup_here import Here
from ops.adapters.backup_making import Making
from tests.contract.test_backup import NAMES, PASSWORD, Kept
from tests.unit.kept import kept_by_day
from tests.unit.test_backup_commands import lead
from tests.workspace import Desk, Result

__all__ = ["kept_by_day", "lead"]
both = pytest.mark.parametrize("kept", ["restic", "borg"], indirect=True)  # also by day
HERE = "fs1:\n  hostname: localhost\n  data: {kind: host, credential: local}\n"


@pytest.fixture
def here(lead: Desk) -> Desk:
    """A workspace whose system is this machine."""
    (lead.folder / "inventory/hosts.yaml").write_text(HERE)
    return lead


def backups(kept: Kept) -> list[str]:
    return [run.id for run in kept.vault().runs([])]


def manifest(kept: Kept, run: str) -> list[Measured]:
    lines = kept.vault().manifest(run)
    assert lines is not None
    return list(Manifest(lines))


def test_a_backup_is_made_with_a_manifest_beside_it_that_counts_as_no_backup(here: Desk, kept: Kept) -> None:
    before = backups(kept)
    (kept.source / os.fsdecode(b"\xff no utf-8")).write_bytes(b"odd")
    os.link(kept.source / "plain", kept.source / "twin")
    shown = here.ops("backup", "run", "homes", "--dry-run")
    assert "gets a backup of" in shown.out
    assert "no way back" in shown.out
    assert backups(kept) == before
    said = here.ops("backup", "run", "homes", "--yes")
    assert said.code == 0, said.err
    (made,) = [run for run in backups(kept) if run not in before]
    assert len(kept.vault().runs([])) == len(kept.vault().runs([str(kept.source)])) == 2
    held = manifest(kept, made)
    assert {one.path for one in held} == {str(path) for path in kept.source.iterdir()}
    assert all(one.settled for one in held)
    assert kept.vault().manifest(before[0]) is None
    assert here.ops("evidence", "verify").code == 0
    assert list((here.folder / "state/backups-begun").iterdir()) == []
    assert list((here.folder / "state/restored").iterdir()) == []
    again = here.ops("backup", "run", "homes", "--yes")
    assert again.code == 0, again.err
    assert len(backups(kept)) == 3


def job(here: Desk) -> Job:
    (found,) = read_backups((here.folder / "inventory/backups.yaml").read_text(), "backups.yaml").jobs
    return found


def room(here: Desk) -> Callable[[], AbstractContextManager[Path]]:
    return room_in(here.folder)


def room_in(where: Path) -> Callable[[], AbstractContextManager[Path]]:
    @contextmanager
    def made() -> Iterator[Path]:
        folder = Path(mkdtemp(dir=where))
        try:
            yield folder
        finally:
            rmtree(folder)

    return made


def rewritten(kept: Kept, run: str, content: bytes) -> None:
    """The repository gets another backup in which one file has other content of the same size, under this manifest."""
    vault = cast("WritableVault", kept.vault())
    lines = list(vault.manifest(run) or ())
    file = kept.source / "plain"
    before = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    mark = Mark("other", "homes")
    vault.make(mark, [str(kept.source)])
    made = vault.made(mark)
    assert made is not None
    one = Manifest(lines)
    told = written({**one.head, "backup": made.id}, list(one))
    (kept.folder / "manifest").write_bytes(b"".join(told))
    vault.attach(made, mark, kept.folder / "manifest")


def restored(here: Desk, *more: str) -> list[dict[str, str]]:
    """What a restore test says: newest first."""
    said = here.ops("backup", "restore-test", "homes", "--files", "1000", "--json", *more)
    assert list((here.folder / "state/restored").iterdir()) == []
    return [one for one in said.json["findings"] if one["rule"] == "restore"]


def test_what_comes_back_is_held_to_the_manifest_written_when_it_was_made(here: Desk, kept: Kept) -> None:
    assert here.ops("backup", "run", "homes", "--yes").code == 0
    newest, oldest = restored(here)
    assert "; compared with the manifest written when it was made; drawn by" in newest["because"]
    assert "compared with the files as they are now, unchanged since" in oldest["because"]
    assert (newest["verdict"], oldest["verdict"]) == ("PASS", "PASS")
    rewritten(kept, backups(kept)[-1], os.urandom((kept.source / "plain").stat().st_size))
    newest, _ = restored(here)
    assert newest["verdict"] == "FAIL"
    assert "came back with other content" in newest["because"]


def test_a_backup_that_holds_other_files_than_its_manifest_is_found_by_counting(here: Desk, kept: Kept) -> None:
    assert here.ops("backup", "run", "homes", "--yes").code == 0
    (kept.source / "one more").write_bytes(b"unknown to the manifest")
    rewritten(kept, backups(kept)[-1], (kept.source / "plain").read_bytes())
    newest, _ = restored(here)
    assert (newest["verdict"], "11 files, its manifest says 10" in newest["because"]) == ("FAIL", True)


def test_without_a_manifest_only_a_file_of_the_same_size_and_time_is_what_it_was(here: Desk, kept: Kept) -> None:
    file = kept.source / "plain"
    file.write_bytes(b"another day")
    (told,) = restored(here)
    assert told["verdict"] == "PASS", "it has changed since, and says nothing of the backup"
    drawn = len(NAMES) - (kept.tool == "borg")  # a question mark may stand for an octet that is no UTF-8
    assert f"{drawn - 1} compared with the files as they are now" in told["because"]
    assert "no manifest was written" in told["because"]
    other = kept.source / "two words"
    before = other.stat()
    other.write_bytes(os.urandom(before.st_size))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    (told,) = restored(here)
    assert (told["verdict"], "two words differs from the file as it is now, of the same size" in told["because"]) == (
        "FAIL",
        True,
    )


@both
def test_a_name_that_is_no_utf8_is_no_false_alarm_where_no_manifest_tells_it(here: Desk, kept: Kept) -> None:
    """Tools list it with other octets, by which it cannot be asked for."""
    (kept.source / os.fsdecode(b"\xff odd")).write_bytes(b"odd")
    kept.keep("second")
    told = restored(here)
    newest = "PASS" if kept.tool == "restic" else "UNKNOWN"  # borg tells a name with a question mark no better
    assert [one["verdict"] for one in told] == [newest, "PASS"], told
    assert any("more were not drawn: their names may be told wrong" in one["because"] for one in told)


def test_a_path_that_is_not_there_makes_no_backup(here: Desk, kept: Kept) -> None:
    before = backups(kept)
    plan = here.folder / "inventory/backups.yaml"
    plan.write_text(plan.read_text().replace('paths: ["', 'paths: ["/srv/never", "'))
    for more in ("--dry-run", "--yes"):
        said = here.ops("backup", "run", "homes", more)
        assert said.code != 0
        assert "/srv/never (No such file or directory)" in said.err
    assert backups(kept) == before


def test_only_a_machine_that_is_here_is_backed_up(lead: Desk, kept: Kept) -> None:
    said = lead.ops("backup", "run", "homes", "--yes")
    assert said.code != 0
    assert "fs1, which is not this machine" in said.err
    assert "credential: local" in said.err
    assert len(backups(kept)) == 1


def test_a_tool_that_makes_no_backups_is_told_before_anybody_approves(here: Desk, kept: Kept) -> None:
    plan = here.folder / "inventory/backups.yaml"
    packed = f'tool: tar, encrypted: false, where: "{kept.folder}"'
    plan.write_text(plan.read_text().replace(f'tool: {kept.tool}, where: "{kept.repository}"', packed))
    said = here.ops("backup", "run", "homes", "--dry-run")
    assert said.code != 0
    assert "vault: no backups are made with tar" in said.err


def test_a_dry_run_opens_the_repository_too(here: Desk, kept: Kept) -> None:
    """Else it promises what cannot be done."""
    kept.repository.rename(kept.folder / "elsewhere")
    said = here.ops("backup", "run", "homes", "--dry-run")
    assert said.code != 0
    assert "there is no repository" in said.err


def test_a_file_that_changes_while_it_is_backed_up_is_compared_with_nothing(here: Desk, kept: Kept) -> None:
    vault = Moving(cast("WritableVault", kept.vault()), kept.source / "plain")
    making = Making(vault, Here(), job(here), "r1", here.folder / "state/begun", room(here))
    making.make()
    assert making.measures["changed_meanwhile"] == 1
    assert [one.path for one in manifest(kept, backups(kept)[-1]) if not one.settled] == [str(kept.source / "plain")]
    (newest, _) = restored(here)
    assert (newest["verdict"], "without 1 that changed while it was made" in newest["because"]) == ("PASS", True)


def without_a_hang(here: Desk) -> Result:
    """Restic 0.14 stands still for ever, and says nothing, in one of thirty times that its target fills up."""
    for _ in range(3):
        with suppress(subprocess.TimeoutExpired):
            return here.ops("backup", "run", "homes", "--yes", timeout=40)
    raise TimeoutError("it stood still three times")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_target_that_is_full_is_told_and_nothing_is_called_done(here: Desk, kept: Kept) -> None:
    aside = kept.folder / "aside"
    kept.repository.rename(aside)
    kept.repository.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "small", str(kept.repository)], check=True)
    try:
        copytree(aside, kept.repository, dirs_exist_ok=True)
        (kept.source / "large").write_bytes(os.urandom(20 << 20))
        said = without_a_hang(here)
        assert said.code != 0
        assert "there is no room for another backup" in said.err
        assert len(backups(kept)) == 1
        (kept.source / "large").unlink()
        assert here.ops("backup", "run", "homes", "--yes").code == 0, "what was left half is in nobody's way"
    finally:
        subprocess.run(["umount", str(kept.repository)], check=True)


@contextmanager
def small(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own in place of a folder of the workspace."""
    folder.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "small", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_what_there_is_no_room_for_here_is_not_brought_back_from_a_backup_just_made(here: Desk, kept: Kept) -> None:
    """A file larger than the disk of the workspace is backed up all the same."""
    with (kept.source / "large").open("wb") as file:
        file.truncate(8 << 20)
    with small(here.folder / "state/restored", "4m"):
        said = here.ops("backup", "run", "homes", "--yes")
        assert said.code == 0, said.err
    assert len(backups(kept)) == 2
    (kept.source / "empty").unlink()
    (kept.source / "plain").unlink()
    with small(here.folder / "state/restored", "4k"):
        said = here.ops("backup", "run", "homes", "--yes")
    assert said.code != 0
    assert "a backup was made, and nothing of it was brought back: there is no room here" in said.err
    assert "--files" not in said.err


def test_a_backup_had_ended_when_its_manifest_was_put_beside_it(here: Desk, kept: Kept) -> None:
    """Else restic 0.14 leaves it open for ever whether a backup of ours ended in time."""
    assert here.ops("backup", "run", "homes", "--yes").code == 0
    old, new = kept.vault().runs([str(kept.source)])
    by = new.ended or new.written
    assert by is not None
    assert timedelta() <= by - new.started < timedelta(minutes=2)  # borg tells whole seconds
    assert ((old.ended, old.written) == (None, None)) == (kept.tool == "restic")


def test_a_backup_is_not_taken_back_and_that_is_no_success(here: Desk, kept: Kept) -> None:
    assert here.ops("backup", "run", "homes", "--yes").code == 0
    said = here.ops("run", "undo", here.last_run(), "--yes")
    assert (said.code, "can be taken back" in said.err, "already so" in said.out) == (6, True, False)
    assert len(backups(kept)) == 2


@pytest.mark.parametrize("step", ["make", "attach", "restore"])
def test_a_kill_at_any_step_is_gone_on_from_without_a_second_backup(here: Desk, kept: Kept, step: str) -> None:
    """A process of its own is killed by SIGKILL right after the tool has done the step; the next try ends it."""
    begun = here.folder / "state/begun"
    child = os.fork()
    if not child:
        vault = Killed(cast("WritableVault", kept.vault()), step)
        Making(vault, Here(), job(here), "r1", begun, room(here)).make()
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert len(backups(kept)) == 2
    making = Making(cast("WritableVault", kept.vault()), Here(), job(here), "r1", begun, room(here))
    assert making.proved() is (step != "make")
    making.make()
    assert making.measures["files"] == len(NAMES)
    assert len(backups(kept)) == 2
    assert list(begun.iterdir()) == []


def test_the_lock_of_a_program_that_was_killed_is_taken_away_by_whoever_goes_on(here: Desk, kept: Kept) -> None:
    """Else nobody can remove old backups from there, and nothing says why."""
    vault, begun = cast("WritableVault", kept.vault()), here.folder / "state/begun"
    begun.mkdir()
    (begun / "r1-homes.before").write_bytes(b"what the try before wrote")
    into = ["--stdin"] if kept.tool == "restic" else [f"{kept.repository}::endless", "-"]
    words = [kept.tool, *(["-r", str(kept.repository), "backup"] if kept.tool == "restic" else ["create"]), *into]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(kept.folder), "BORG_BASE_DIR": str(kept.folder / "cache")}
    environment |= {"RESTIC_PASSWORD": PASSWORD, "BORG_PASSPHRASE": PASSWORD}
    with subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as one:
        until = time.monotonic() + 30
        while not locks(kept) and time.monotonic() < until:
            time.sleep(0.01)
        one.kill()
    assert locks(kept)
    Making(vault, Here(), job(here), "r1", begun, room(here)).make()
    assert locks(kept) == []


def locks(kept: Kept) -> list[Path]:
    found = kept.repository.glob("locks/*" if kept.tool == "restic" else "lock.exclusive")
    return [one for one in found if "-tmp-" not in one.name]  # half a file is no lock yet


@pytest.mark.parametrize(
    ("how", "code"),
    [(signal.SIGKILL, -9), (signal.SIGINT, 8), pytest.param(signal.SIGTERM, 8, marks=pytest.mark.night)],
)
def test_a_run_that_is_stopped_is_resumed_and_makes_one_backup(here: Desk, kept: Kept, how: int, code: int) -> None:
    """Who asks it to stop is not made to wait for hours, and nothing that it started goes on."""
    (kept.source / "large").write_bytes(os.urandom(1 << 26))
    words = [sys.executable, "-m", "ops.cli.main", "backup", "run", "homes", "--yes"]
    with subprocess.Popen(words, cwd=here.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as one:
        until = time.monotonic() + 30
        while not list((here.folder / "state").glob("backups-begun/*")) and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(one.pid, how)
        said = (one.stderr.read() if one.stderr else b"").decode()
    assert one.returncode == code, said
    assert ("ops run resume" in said) is (how != signal.SIGKILL)
    assert len(backups(kept)) == 1
    (begun,) = here.ops("run", "list", "--json").json["runs"]
    assert here.ops("run", "resume", begun["run"]).code == 0
    assert len(backups(kept)) == 2
    assert here.ops("evidence", "verify").code == 0


class Moving:
    """A repository while whose backup is made a file changes."""

    def __init__(self, vault: WritableVault, file: Path) -> None:
        self._vault, self._file = vault, file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vault, name)

    def make(self, mark: Mark, paths: Sequence[str]) -> str:
        self._file.write_bytes(b"longer than it was, or shorter")
        return self._vault.make(mark, paths)


class Killed:
    """A repository after one of whose steps this process is no more."""

    def __init__(self, vault: WritableVault, step: str) -> None:
        self._vault, self._step = vault, step

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._vault, name)
        if name != self._step:
            return found

        def act(*given: Any) -> None:
            found(*given)
            os.kill(os.getpid(), signal.SIGKILL)

        return act
