"""What a backup program says that is neither well nor damage: it may not write, it was disturbed, it is another one."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from ops.adapters.backup import Damaged, Mark
from ops.adapters.backup_shelf import Packed as Packing
from ops.adapters.tar import Folder
from ops.errors import NotAuthorised, OpsError, Unreachable
from tests.contract.dated import NOW
from tests.contract.packed_archives import Packed, packed
from tests.contract.stand_in import stand_in
from tests.contract.test_backup import Kept
from tests.contract.test_backup_trouble import of
from tests.unit.kept import kept_by_day
from tests.unit.test_backup_commands import lead, lowered
from tests.unit.test_backup_run import here
from tests.workspace import Desk

__all__ = ["here", "kept_by_day", "lead", "packed"]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
both = pytest.mark.parametrize("kept", ["restic", "borg"], indirect=True)
with_borg = pytest.mark.parametrize("kept", ["borg"], indirect=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@as_root
@with_borg
def test_borg_that_may_not_write_where_it_checks_is_unknown(lead: Desk, kept: Kept) -> None:
    with read_only(kept.repository):
        said = lead.ops("backup", "check", "--json")
    for rule in ("structure", "data 1/1"):
        verdict, why, step = of(said, rule)
        assert verdict == "UNKNOWN"
        assert "vault: what has to be written to is read-only: OSError: [Errno 30]" in why
        assert step == "is it mounted so? borg writes into a repository also where it checks it"
    assert of(said, "freshness")[0] == "PASS"


@as_root
@with_borg
def test_a_backup_to_what_is_read_only_says_so(here: Desk, kept: Kept) -> None:
    with read_only(kept.repository):
        said = here.ops("backup", "run", "homes", "--yes")
    assert "1 of 1 changes were not made: vault: what has to be written to is read-only" in said.err
    assert "next: is it mounted so?" in said.err
    assert "this should not have happened" not in said.err


@with_borg
def test_a_backup_that_meets_damage_says_what_is_wrong(here: Desk, kept: Kept) -> None:
    """Before anything is begun."""
    for file in kept.repository.glob("index.*"):
        file.unlink()
        file.mkdir()
    said = here.ops("backup", "run", "homes", "--yes")
    assert said.code == 1
    assert "Apply failed: vault: IsADirectoryError" in said.err
    assert "look at it by hand, with the tool that made it" in said.err


@pytest.mark.night  # restic tries again for 40 s
@pytest.mark.parametrize("kept", ["restic"], indirect=True)
def test_a_repository_somebody_may_not_read_is_not_called_absent(lead: Desk, kept: Kept) -> None:
    (kept.repository / "config").chmod(0)
    said = lowered(lead, "backup", "check", "--json")
    verdict, why, _ = of(said, "freshness")
    assert verdict == "UNKNOWN"
    assert "permission denied" in why


@with_borg
def test_an_older_copy_put_in_its_place_is_never_green_and_borg_is_heard(kept: Kept) -> None:
    copytree(kept.repository, kept.folder / "older")
    kept.keep("second")
    kept.vault().unlock()
    rmtree(kept.repository)
    (kept.folder / "older").rename(kept.repository)
    with pytest.raises(Unreachable, match="this is either an attack or unsafe"):
        kept.vault().unlock()


def line(level: str, said: str, **more: str) -> str:
    return json.dumps({"type": "log_message", "levelname": level, "message": said, **more})


TRACE = "Traceback (most recent call last):\n  File x\n"
FAR = "Borg server: Platform: Linux\nBorg server: PID: 1\nPlatform: Linux\nPID: 2\n"  # after what was raised there
DAMAGE = line("ERROR", "Data integrity error: Segment entry checksum mismatch")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ([TRACE + "FileNotFoundError: [Errno 2] No such file: '/r/hints.45.tmp' -> '/r/hints.45'"], Unreachable),
        ([TRACE + "FileExistsError: [Errno 17] File exists: '/r/config' -> '/r/config.old'"], Unreachable),
        ([TRACE + "PermissionError: [Errno 13] Permission denied: '/r/nonce'"], NotAuthorised),
        ([TRACE + "OSError: [Errno 30] Read-only file system: '/r/nonce'"], Unreachable),
        ([TRACE + "Exception: nonce space reservation with mismatched previous state"], Unreachable),
        ([TRACE + "\nOSError: [Errno 30] Read-only file system: '/r/config'\n", FAR], Unreachable),
        ([TRACE + "FileNotFoundError: [Errno 2] No such file or directory: '/r/data/0/12'"], Damaged),
        ([TRACE + "OSError: [Errno 5] Input/output error: '/r/data/0/12'"], Damaged),
    ],
)
def test_what_ended_borg_is_told_apart_from_damage_and_hides_none(
    tmp_path: Path, said: list[str], kind: type[OpsError]
) -> None:
    (tmp_path / "said").write_text("\n".join(line("ERROR", one) for one in said))
    vault = stand_in("borg", tmp_path, f"cat {tmp_path}/said >&2; exit 2")
    with pytest.raises(kind):
        vault.runs([])
    (tmp_path / "said").write_text("\n".join([DAMAGE, *(line("ERROR", one) for one in said)]))
    assert vault.structure() != ""


@pytest.mark.parametrize(
    "ended",
    [
        line("ERROR", "Connection closed by remote host", msgid="ConnectionClosed"),
        line("ERROR", "Failed to create/acquire the lock /r/lock (timeout).", msgid="LockTimeout"),
        line("ERROR", "Remote: ssh: connect to host vault port 22: Connection refused"),
        line("ERROR", TRACE + "OSError: [Errno 28] No space left on device"),
    ],
)
def test_what_ended_borg_later_hides_no_damage_it_had_found(tmp_path: Path, ended: str) -> None:
    vault = stand_in("borg", tmp_path, f"cat {tmp_path}/said >&2; exit 2")
    (tmp_path / "said").write_text(f"{DAMAGE}\n{ended}\n")
    assert "Segment entry checksum mismatch" in vault.structure()


def test_a_check_that_broke_off_is_made_again_before_it_is_called_damage(tmp_path: Path) -> None:
    """Another check overwrites the old ``config`` while it may still be read: measured, and no damage."""
    broke = line("ERROR", TRACE + "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xb1 in position 2")
    (tmp_path / "said").write_text(broke)
    once = f"test -e {tmp_path}/tried && exit 0; touch {tmp_path}/tried; cat {tmp_path}/said >&2; exit 2"
    assert stand_in("borg", tmp_path, once).structure() == ""
    always = f"echo >>{tmp_path}/times; cat {tmp_path}/said >&2; exit 2"
    assert stand_in("borg", tmp_path, always).structure().startswith("UnicodeDecodeError")
    assert (tmp_path / "times").read_text() == "\n\n"


TRIED = "Load(<data/e12244d805>, 90783, 0) returned error, retrying after 552ms: open /r/data/e1: permission denied"
HASHES = "pack 7d1e8b22: contains 1 errors: [hash mismatch]"
SHUT = "pack e12244d8 failed to download: StreamPack: open /r/data/e1: permission denied"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (["Fatal: config cannot be loaded: open /r/config: permission denied"], NotAuthorised),
        ([TRIED, "Fatal: unable to open config file: open /r/config: permission denied"], NotAuthorised),
        ([TRIED, SHUT, "Fatal: repository contains errors"], NotAuthorised),
        ([TRIED, SHUT, HASHES, "Fatal: …"], Damaged),
        ([HASHES, "Fatal: connection lost"], Damaged),
        ([HASHES, "Fatal: write /tmp/x: no space left on device"], Damaged),
        ([HASHES, "Fatal: create /r/locks/x: read-only file system"], Damaged),
        (["pack e12244d8 failed to download: StreamPack: EOF", "Fatal: connection lost"], Unreachable),
        (["open /r/locks/x: read-only file system", "unable to create lock in backend"], Unreachable),
    ],
)
def test_what_restic_may_not_do_is_no_damage_and_hides_none(
    tmp_path: Path, said: list[str], kind: type[OpsError]
) -> None:
    """As 0.14 says it, which tries again for 40 s before."""
    (tmp_path / "said").write_text("\n".join(said))
    with pytest.raises(kind) as met:
        stand_in("restic", tmp_path, f"cat {tmp_path}/said >&2; exit 1").runs([])
    assert isinstance(met.value, Damaged) == (kind is Damaged)


ANSWERS = [
    b"Welcome!",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a": 1}',
    b"[1]",
    b'["x"]',
    b"7",
    b'{"archives": [{}]}',
    b'{"archives": 7}',
    b'[{"id": "a", "time": "yesterday", "paths": ["/a"]}]',
    b'[{"id": "a", "time": 5, "paths": ["/a"]}]',
    b'[{"id": "a", "time": "2026-11-26T01:40:03Z", "paths": 5}]',
]


@pytest.mark.parametrize("tool", ["restic", "borg"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_is_not_understood_is_one_line_and_unknown(tmp_path: Path, tool: str, answer: bytes) -> None:
    (tmp_path / "answer").write_bytes(answer)
    vault = stand_in(tool, tmp_path, f"cat {tmp_path}/answer")
    acts: list[Callable[[], object]] = [lambda: vault.made(Mark("r", "homes")), lambda: vault.runs(["/a"])]
    if tool == "borg" or not answer.startswith(b"{"):  # of an object of another kind restic tells more than is asked
        acts += [lambda: list(vault.entries("x"))]
    for act in acts:
        with pytest.raises(Unreachable, match=f"{tool} answered what was not understood"):
            act()


@pytest.mark.parametrize("tool", ["restic", "borg"])
@pytest.mark.parametrize("answer", [b"Welcome!", b"\xff\xfe", b"", b"[" * 100_000])
def test_a_program_that_only_says_something_has_not_opened_it(tmp_path: Path, tool: str, answer: bytes) -> None:
    (tmp_path / "answer").write_bytes(answer)
    with pytest.raises(Unreachable, match=f"{tool} answered what was not understood"):
        stand_in(tool, tmp_path, f"cat {tmp_path}/answer").unlock()


@pytest.mark.parametrize("said", [b'{"levelname": "ERROR"}', b'{"levelname": "ERROR", "message": 5}', b"[" * 60_000])
def test_a_complaint_that_is_not_understood_is_no_bug(tmp_path: Path, said: bytes) -> None:
    (tmp_path / "said").write_bytes(said)
    with pytest.raises(OpsError):
        stand_in("borg", tmp_path, f"cat {tmp_path}/said >&2; exit 2").runs([])


@both
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", pytest.param("America/Adak", marks=pytest.mark.night)])
def test_a_backup_of_a_moment_that_cannot_be_is_passed_over(
    kept: Kept, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = kept.vault().runs([])
    for year in ("0001-01-01" if kept.tool == "restic" else "1001-01-01", "9999-12-31"):
        if kept.tool == "restic":
            monkeypatch.setenv("TZ", "UTC")
            kept.run("backup", "--time", f"{year} 00:00:00", str(kept.source))
        else:
            kept.run("create", "--timestamp", f"{year}T00:00:00", f"{kept.repository}::{year}", str(kept.source))
    monkeypatch.setenv("TZ", zone)
    vault = kept.vault()
    assert vault.runs([]) == [found]
    assert vault.sized([found])[0].octets, "borg counts from the newest of all"
    assert vault.structure() == ""


def test_an_archive_of_a_moment_that_cannot_be_is_passed_over(packed: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    packed.keep()
    (found,) = packed.vault().runs([])
    file = packed.path(NOW)
    for stamp in ("00010101T000000Z", "99991231T235959Z"):
        file.with_name(f"a-{stamp}.tar.zst").write_bytes(file.read_bytes())
    assert packed.vault().runs([]) == [found]
    for mtime in (1 << 40, -(1 << 40)):
        monkeypatch.setattr(Folder, "listed", lambda _, at=mtime: [Packing(file.name, file.stat().st_size, at)])
        (run,) = packed.vault().runs([])
        assert (run.started, run.ended) == (found.started, None)


@as_root
def test_a_workspace_that_is_read_only_is_one_line(lead: Desk) -> None:
    assert lead.ops("backup", "restore-test", "homes").code == 0
    for folder, why in (
        (lead.folder / "state/restored", "restored cannot be written: Read-only file system"),
        (lead.folder, "ledger.db may not be written"),
    ):
        with read_only(folder):
            said = lead.ops("backup", "restore-test", "homes")
        assert (said.code, why in said.err) == (7, True), said.err


@pytest.mark.parametrize("kept", ["restic"], indirect=True)
@pytest.mark.parametrize("gone", [True, False])
def test_what_lies_in_a_cache_here_proves_nothing_of_the_repository(kept: Kept, gone: bool) -> None:
    """On the day of a disaster there is no cache: folders that restic keeps here are read there all the same."""
    (run,) = kept.vault().runs([])
    kept.vault().sized([run])
    cached = [path.name for path in (kept.folder / "cache").glob("*/data/*/*")]
    assert cached, "restic keeps packs of folders"
    for name in cached:
        (pack,) = kept.repository.glob(f"data/*/{name}")
        pack.chmod(0o600)
        pack.unlink() if gone else pack.write_bytes(b"\0" * pack.stat().st_size)
    (into := kept.folder / "into").mkdir()
    with pytest.raises(
        Damaged, match="decrypting blob [0-9a-f]{8}… failed" if not gone else "pack [0-9a-f]{8}…: does not exist"
    ):
        kept.vault().restore(run.id, [str(kept.source)], into)
    with pytest.raises(Damaged):
        list(kept.vault().entries(run.id))
    assert not [path for path in (kept.folder / "cache").iterdir() if path.name.startswith("checking-")]
