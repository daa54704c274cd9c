"""A sentinel in a folder here and behind SSH: what can be removed is seen, and what is not known is not green."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path

import pytest

from ops.adapters.backup_sentinel import ABOUT, NAME, Attempt, Beside, Folder, Tried
from ops.adapters.ssh import Door
from ops.adapters.ssh_files import files
from ops.errors import NotOffered, Unreachable
from tests.contract.test_backup import Kept, kept
from tests.sshd import server

__all__ = ["kept"]
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SFTP = "/usr/lib/openssh/sftp-server"
DENIED = "remove,rmdir,rename,posix-rename,setstat,fsetstat,lsetstat,symlink,hardlink"
LOWER = "/usr/bin/setpriv --bounding-set=-all --inh-caps=-all" if os.geteuid() == 0 else "/usr/bin/env"
ADDS = f"{LOWER} {SFTP} -u 0222 -P {DENIED}"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may say what even the owner cannot change")


def tried(beside: Beside) -> Tried:
    return Attempt(beside, NOW).made()


def ours(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{NAME}*"))


@dataclass
class Far:
    """A folder, and an SSH server before it that starts one command and nothing else."""

    folder: Path
    door: Door

    def tried(self, whole: bool = True) -> Tried:
        with files(self.door, str(self.folder), whole) as beside:
            return tried(beside)


@contextmanager
def behind(tmp_path: Path, command: str) -> Iterator[Far]:
    """A server that lets in with one key, to one command where one is named."""
    work, key = tmp_path / "far", tmp_path / "key"
    work.mkdir()
    subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", str(key)], check=True)
    settings = [f"AuthorizedKeysFile={key}.pub", "StrictModes=no", "Subsystem=sftp internal-sftp"]
    settings += [f"ForceCommand={command}"] if command else []
    with server(tmp_path / "sshd", *settings) as (port, known):
        yield Far(work, Door("127.0.0.1", getuser(), known, key, port, sudo=False))


def test_what_can_be_removed_is_a_failure_and_nothing_is_left(tmp_path: Path) -> None:
    found = tried(Folder(tmp_path))
    assert found.verdict == "FAIL"
    assert "whoever writes backups can also remove them" in found.because
    assert ours(tmp_path) == []
    with behind(tmp_path, "") as far:
        assert far.tried().verdict == "FAIL"
        assert ours(far.folder) == []


def test_who_can_only_add_behind_ssh_passes_and_the_file_is_used_again(tmp_path: Path) -> None:
    with behind(tmp_path, ADDS) as far:
        for _ in range(3):
            found = far.tried()
            assert found.verdict == "PASS", found
            (only,) = ours(far.folder)
            assert only.read_bytes().startswith(ABOUT)


@pytest.mark.parametrize("left_out", ["remove", "rename,posix-rename", "setstat,fsetstat,lsetstat"])
def test_each_way_round_it_is_found(tmp_path: Path, left_out: str) -> None:
    denied = ",".join(one for one in DENIED.split(",") if one not in left_out.split(","))
    with behind(tmp_path, f"{LOWER} {SFTP} -u 0222 -P {denied}") as far:
        assert far.tried().verdict == "FAIL"


def test_a_tool_with_a_door_of_its_own_is_not_called_fixed(tmp_path: Path) -> None:
    with behind(tmp_path, ADDS) as far:
        found = far.tried(whole=False)
    assert (found.verdict, "door of its own" in found.because) == ("UNKNOWN", True), found


def test_a_key_that_opens_no_sftp_is_not_known_of(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    for command in ("/bin/false", f"borg serve --append-only --restrict-to-path {repository}"):
        place = tmp_path / command.rpartition("/")[2].split()[0]
        place.mkdir()
        with behind(place, command) as far, pytest.raises((NotOffered, Unreachable)):
            far.tried()


def test_a_key_that_may_only_read_is_not_known_of(tmp_path: Path) -> None:
    with behind(tmp_path, f"{SFTP} -R") as far:
        found = far.tried()
    assert (found.verdict, "could not write there: Permission denied" in found.because) == ("UNKNOWN", True), found


@as_root
def test_a_folder_that_even_its_owner_cannot_change_is_not_enough_for_root(tmp_path: Path) -> None:
    """``chattr +a``: no name of it can be taken away, and its content can be written over."""
    subprocess.run(["chattr", "+a", str(tmp_path)], check=True)
    try:
        found = tried(Folder(tmp_path))
        assert (found.verdict, "wrote over" in found.because) == ("FAIL", True), found
        (only,) = ours(tmp_path)
        subprocess.run(["chattr", "+i", str(only)], check=True)
        found = tried(Folder(tmp_path))
        assert (found.verdict, "root of a machine can lift" in found.because) == ("UNKNOWN", True), found
        subprocess.run(["chattr", "-i", str(only)], check=True)
    finally:
        subprocess.run(["chattr", "-a", str(tmp_path)], check=True)


def test_a_file_of_that_name_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / Attempt(Folder(tmp_path), NOW).name
    theirs.write_text("our payroll")
    found = tried(Folder(tmp_path))
    assert (found.verdict, "not ours: nothing was tried" in found.because) == ("UNKNOWN", True), found
    assert theirs.read_text() == "our payroll"
    theirs.unlink()
    theirs.symlink_to(tmp_path / "elsewhere")
    assert tried(Folder(tmp_path)).verdict == "UNKNOWN"
    assert theirs.is_symlink()


def test_a_folder_that_is_not_there_is_not_known_of(tmp_path: Path) -> None:
    assert tried(Folder(tmp_path / "none")).verdict == "UNKNOWN"
    with behind(tmp_path, "") as far:
        far.folder.rmdir()
        assert far.tried().verdict == "UNKNOWN"


def refusal(number: int = errno.EACCES) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@dataclass
class Held(Folder):
    """A real folder in which some acts are answered as an object lock or a snapshot would."""

    path: Path
    answers: dict[str, Callable[..., None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.path)
        self.almighty = False
        for name, answer in self.answers.items():
            setattr(self, name, answer)


ACTS = ("remove", "rename", "overwrite", "loosen")


def test_only_a_plain_no_to_everything_passes(tmp_path: Path) -> None:
    assert tried(Held(tmp_path, {act: refusal() for act in ACTS})).verdict == "PASS"
    (only,) = ours(tmp_path)
    assert tried(Held(tmp_path, {act: refusal() for act in ACTS})).verdict == "PASS"
    assert ours(tmp_path) == [only]
    for act in ("remove", "rename", "overwrite"):
        unclear = {one: refusal() for one in ACTS} | {act: refusal(errno.EIO)}
        found = tried(Held(tmp_path, unclear))
        assert (found.verdict, "Input/output error" in found.because) == ("UNKNOWN", True), found


def test_who_owns_the_folder_can_give_itself_the_right(tmp_path: Path) -> None:
    answers = {act: refusal() for act in ("remove", "rename", "overwrite")}
    found = tried(Held(tmp_path, answers))
    assert (found.verdict, "give itself the right" in found.because) == ("UNKNOWN", True), found


def test_what_says_no_and_does_it_all_the_same_is_no_refusal(tmp_path: Path) -> None:
    def lies(name: str) -> None:
        (tmp_path / name).unlink()
        refusal()()

    found = tried(Held(tmp_path, {act: refusal() for act in ACTS} | {"remove": lies}))
    assert (found.verdict, "was gone although" in found.because) == ("UNKNOWN", True), found


def test_a_full_disk_leaves_nothing_and_proves_nothing(tmp_path: Path) -> None:
    found = tried(Held(tmp_path, {"create": refusal(errno.ENOSPC)}))
    assert (found.verdict, "No space left" in found.because) == ("UNKNOWN", True), found
    assert ours(tmp_path) == []


def test_no_tool_is_disturbed_by_it(kept: Kept) -> None:
    """It lies among the files of a repository; the tool backs up, checks, prunes and brings back as before."""
    answers = {act: refusal() for act in ACTS}
    assert tried(Held(kept.repository, answers)).verdict == "PASS"
    kept.keep("second")
    assert (kept.vault().structure(), len(kept.vault().runs([]))) == ("", 2)
    if kept.tool == "restic":
        kept.run("check", "--read-data")
        kept.run("forget", "--keep-last", "1", "--prune")
    else:
        kept.run("check", "--verify-data", str(kept.repository))
        kept.run("prune", "--keep-last", "1", str(kept.repository))
        kept.run("compact", str(kept.repository))
    (run,) = kept.vault().runs([])
    into = kept.folder / "into"
    into.mkdir()
    kept.vault().restore(run.id, [str(kept.source / "plain")], into)
    assert len(ours(kept.repository)) == 1, "and no tool takes it away"
    assert tried(Held(kept.repository, answers)).verdict == "PASS"
