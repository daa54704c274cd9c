"""What goes wrong on the way to a repository: one clear line each, UNKNOWN and never green, with real programs."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from ops.adapters import ssh_words
from ops.adapters.backup import Damaged, Gone, Part, WrongPassword
from ops.errors import InvalidRequest, NotFound, OpsError, Unreachable
from tests.contract.stand_in import stand_in
from tests.contract.test_backup import PASSWORD, RESTIC_AT_NIGHT, Kept
from tests.contract.test_backup_ssh import Far, far
from tests.tcp import Link, link
from tests.unit.kept import kept_by_day
from tests.unit.test_backup_commands import lead
from tests.warm import usual
from tests.workspace import Desk, Result

__all__ = ["far", "kept_by_day", "lead"]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="a file system of its own needs root")


def of(said: Result, rule: str) -> tuple[str, str, str]:
    """Verdict, reason and next step of one finding."""
    rows: list[dict[str, Any]] = said.json["findings"]
    return next((one["verdict"], one["because"], one["next_step"]) for one in rows if one["rule"] == rule)


def through(far: Far, one: Link) -> Far:
    """The same repository by way of a link; the host is known there too."""
    known = far.lead.folder / "known_hosts"
    known.write_text(known.read_text().replace(f":{far.port} ", f":{one.port} "))
    return replace(far, port=one.port)


def test_a_repository_that_is_gone_is_said_with_what_to_do(lead: Desk, kept: Kept) -> None:
    kept.repository.rename(kept.folder / "moved")
    verdict, why, step = of(lead.ops("backup", "check", "--json"), "freshness")
    assert (verdict, why) == ("FAIL", f"vault: there is no repository at {kept.repository}")
    assert step == "is it there, mounted?"
    refused = lead.ops("backup", "restore-test", "homes")
    assert (refused.code, "there is no repository" in refused.err, "Traceback" in refused.err) == (1, True, False)


def test_a_file_in_the_place_of_a_repository_is_none(lead: Desk, kept: Kept) -> None:
    rmtree(kept.repository)
    kept.repository.write_bytes(b"not a folder")
    verdict, why, _ = of(lead.ops("backup", "check", "--json"), "freshness")
    assert (verdict, why) == ("FAIL", f"vault: there is no repository at {kept.repository}")


@pytest.mark.parametrize("kept", ["borg"], indirect=True)
def test_what_borg_did_not_expect_is_one_line(kept: Kept) -> None:
    (kept.repository / "config").chmod(0o600)
    (kept.repository / "config").write_bytes(b"\xcb\xff of another program")
    with pytest.raises(Damaged, match="vault: UnicodeDecodeError") as met:
        kept.vault().runs([])
    assert "Traceback" not in str(met.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("file:secret", "file:/dev/zero", "cannot be read"),
        ("file:secret", "file:pipe", "cannot be read"),
        ("file:secret", "file:image", "is no password"),
        (', credential: "file:secret"', "", "does not open it"),
    ],
)
@pytest.mark.parametrize("kept", ["restic"], indirect=True)
def test_what_is_no_password_is_told_and_waited_for_by_nobody(
    lead: Desk, kept: Kept, old: str, new: str, said: str
) -> None:
    """A device has no end, a pipe nobody writes to neither, and of a disk image no tool takes all."""
    os.mkfifo(lead.folder / "pipe", 0o600)
    (lead.folder / "image").write_bytes(b"x" * (1 << 20))
    (lead.folder / "image").chmod(0o600)
    plan = lead.folder / "inventory/backups.yaml"
    plan.write_text(plan.read_text().replace(old, new))
    verdict, why, _ = of(lead.ops("backup", "check", "--json"), "freshness")
    assert (verdict, said in why) == ("UNKNOWN", True), why


def test_one_target_that_fails_stops_no_other_and_the_order_stays(lead: Desk, kept: Kept) -> None:
    plan = lead.folder / "inventory/backups.yaml"
    broken = f'  gone: {{tool: {kept.tool}, where: "/nowhere", site: Perth, credential: "file:secret"}}\n'
    text = plan.read_text().replace("jobs:\n", f"{broken}jobs:\n")
    text = text.replace("jobs:\n", 'jobs:\n  first: {system: FS-1, target: gone, paths: ["/a"], every: 1d}\n')
    plan.write_text(text)
    rows = lead.ops("backup", "check", "--json").json["findings"]
    told = {(one["subject"], one["rule"]): one["verdict"] for one in rows}
    asked = (("first", "freshness"), ("homes", "freshness"), ("vault", "structure"))
    assert [told[one] for one in asked] == ["FAIL", "PASS", "PASS"]


@pytest.mark.parametrize(
    ("code", "error", "said"),
    [(10, Gone, "no repository"), (11, Unreachable, "locked"), (12, WrongPassword, "does not open")],
)
def test_codes_of_a_newer_restic_are_understood(tmp_path: Path, code: int, error: type[OpsError], said: str) -> None:
    """From 0.17 on; a stand-in ends as the manual says, without the words of the older one."""
    vault = stand_in("restic", tmp_path, f"echo 'Fatal: something else' >&2; exit {code}")
    for act in (lambda: vault.runs([]), vault.structure, vault.unlock, lambda: vault.restore("x", ["/a"], tmp_path)):
        with pytest.raises(error, match=said):
            act()


def test_a_tool_that_is_missing_is_unknown_and_named(kept: Kept) -> None:
    vault: Any = kept.vault()
    vault._tool.program = "no-such-tool"
    with pytest.raises(NotFound, match="no-such-tool is not installed here") as met:
        vault.runs([])
    assert not isinstance(met.value, Gone), "that a program is not here says nothing of the repository"


def test_a_repository_somebody_holds_is_read_without_waiting(kept: Kept) -> None:
    """A real lock: the tool is stopped while it holds it."""
    with held(kept) as locks:
        assert list(locks.iterdir())
        (run,) = kept.vault().runs([])
        assert (kept.vault().structure(), kept.vault().data(Part(1, 1))) == ("", "")
        assert run.id


@contextmanager
def held(kept: Kept) -> Iterator[Path]:
    """The repository, locked by its own tool; where its locks are."""
    locks = kept.repository / ("locks" if kept.tool == "restic" else "lock.exclusive")
    words = ["check"] if kept.tool == "restic" else ["with-lock", str(kept.repository), "sleep", "60"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(kept.folder), "RESTIC_REPOSITORY": str(kept.repository)}
    environment |= {
        "RESTIC_PASSWORD": PASSWORD,
        "BORG_PASSPHRASE": PASSWORD,
        "BORG_BASE_DIR": str(kept.folder / "cache"),
    }
    with subprocess.Popen(
        [kept.tool, *words], env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    ) as one:
        limit = time.monotonic() + 20
        while not (locks.is_dir() and any(locks.iterdir())) and time.monotonic() < limit:
            time.sleep(0.002)
        os.killpg(one.pid, signal.SIGSTOP)
        try:
            yield locks
        finally:
            os.killpg(one.pid, signal.SIGKILL)


def test_a_broken_link_that_restic_calls_an_error_of_the_index_is_no_damage(tmp_path: Path) -> None:
    """Its words, as measured with 0.14; the real thing takes it a minute and a half, and is tried at night."""
    said = (
        "Load(<index/7acf>, 0, 0) returned error, retrying after 1s: connection lost\\nFatal: LoadIndex returned errors"
    )
    vault = stand_in("restic", tmp_path, f"printf '{said}\\n' >&2; exit 1")
    for act in (vault.structure, lambda: vault.data(Part(1, 1))):
        with pytest.raises(Unreachable, match="broke off"):
            act()


@pytest.mark.night
def test_a_link_that_breaks_or_stalls_is_given_up_and_is_no_damage(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_words, "ALIVE_SECONDS", 1)
    for after in ("cut", "stall"):
        with link(far.port, limit=9000, after=after) as one:
            behind = through(far, one)
            began = time.monotonic()
            with pytest.raises(Unreachable):
                behind.vault().data(Part(1, 1))
            assert one.stalled.is_set()
            assert time.monotonic() - began < 240
            (far.lead.folder / "known_hosts").write_text(
                (far.lead.folder / "known_hosts").read_text().replace(f":{one.port} ", f":{far.port} ")
            )


@pytest.mark.parametrize("kept", [RESTIC_AT_NIGHT, "borg"], indirect=True)
def test_a_slow_link_is_waited_for(far: Far) -> None:
    with link(far.port, pause=0.01) as one:
        said = through(far, one).check()
    assert of(said, "freshness")[0] == "PASS", said.err
    assert of(said, "structure")[0] == "PASS"


def test_a_link_that_breaks_at_the_door_is_unknown_in_one_line(far: Far) -> None:
    with link(far.port, limit=100) as one:
        verdict, why, step = of(through(far, one).check(), "freshness")
    assert verdict == "UNKNOWN"
    assert "127.0.0.1" in why
    assert step


@as_root
def test_a_disk_that_is_full_in_the_middle_is_no_bad_backup_and_is_left_clean(lead: Desk, kept: Kept) -> None:
    """Somebody else fills it: the room was there when it was counted."""
    (kept.source / "large").write_bytes(os.urandom(6 << 20))
    kept.keep("second")
    room = lead.folder / "state/restored"
    room.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "room", str(room)], check=True)
    try:
        (run,) = kept.vault().runs([])[-1:]
        with pytest.raises(InvalidRequest, match="no room"):
            kept.vault().restore(run.id, [str(kept.source / "large")], room)
        for left in room.iterdir():
            subprocess.run(["rm", "-rf", str(left)], check=True)
        said = lead.ops("backup", "restore-test", "homes", "--files", "100", "--json")
        told = {one["verdict"]: one["because"] for one in said.json["findings"] if one["rule"] == "restore"}
        assert "1 as large or larger is left out: there is no room here" in told.get("UNKNOWN", ""), told
        assert of(lead.ops("backup", "check", "--json"), "restore")[0] == "UNKNOWN", "half a proof is none"
        assert list(room.iterdir()) == []
    finally:
        subprocess.run(["umount", str(room)], check=True)


def test_a_sparse_file_comes_back_whole(lead: Desk, kept: Kept) -> None:
    with (kept.source / "sparse").open("wb") as file:
        file.seek(3 << 20)
        file.write(b"end")
    kept.keep("second")
    said = lead.ops("backup", "restore-test", "homes", "--files", "100", "--json")
    assert {one["verdict"] for one in said.json["findings"] if one["rule"] == "restore"} == {"PASS"}


def test_what_kill_9_leaves_is_taken_away_by_the_next_run_and_nothing_is_green(lead: Desk, kept: Kept) -> None:
    for number in range(6):
        (kept.source / f"large-{number}").write_bytes(os.urandom(24 << 20))
    kept.keep("second")
    room = lead.folder / "state/restored"
    words = ["-m", "ops.cli.main", "backup", "restore-test", "homes", "--files", "100"]
    with subprocess.Popen([sys.executable, *words], cwd=lead.folder, env=usual()) as one:
        limit = time.monotonic() + 60
        while not any(path.is_file() for path in room.rglob("*")) and time.monotonic() < limit:
            time.sleep(0.002)
        one.kill()
    assert any(room.iterdir()), "it was in the middle"
    time.sleep(1)
    sizes = [sum(path.lstat().st_size for path in room.rglob("*")) for _ in range(2) if not time.sleep(0.5)]
    assert sizes[0] == sizes[1], "its tool has died with it"
    assert of(lead.ops("backup", "check", "--json"), "restore")[0] == "UNKNOWN"
    assert lead.ops("backup", "restore-test", "homes", "--files", "1").code == 0
    assert list(room.iterdir()) == []
    assert stat.S_IMODE(room.stat().st_mode) == 0o700


def test_ctrl_c_ends_every_tool(lead: Desk, kept: Kept) -> None:
    """Told to us alone, as a service is: what we started has to be ended by us."""
    (kept.source / "large").write_bytes(os.urandom(200 << 20))
    kept.keep("second")
    words = ["-m", "ops.cli.main", "backup", "check"]
    argv = [sys.executable, *words]
    with subprocess.Popen(argv, cwd=lead.folder, env=usual(), stderr=subprocess.PIPE) as one:
        limit = time.monotonic() + 60
        while not (tools := children(one.pid)) and time.monotonic() < limit:
            time.sleep(0.005)
        one.send_signal(signal.SIGINT)
        said = (one.stderr.read() if one.stderr else b"").decode()
    assert one.returncode == 130, said
    assert "Traceback" not in said
    assert tools
    assert not any(Path("/proc", str(pid)).exists() for pid in tools)
    assert not list((lead.folder / "state/backup-cache").rglob("*check*"))


@pytest.mark.parametrize("kept", ["restic"], indirect=True)
def test_what_restic_fetched_for_a_check_is_taken_away_by_the_next_one(kept: Kept) -> None:
    """The command is killed with its tool in the middle."""
    cache = kept.folder / "cache"
    child = os.fork()
    if not child:
        vault: Any = stand_in("restic", kept.folder, "kill -9 $PPID; sleep 9")
        vault._cache = cache
        vault.structure()
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert len(list(cache.glob("checking-*"))) == 1
    assert kept.vault().structure() == ""
    assert not list(cache.glob("*check*"))


def children(pid: int) -> list[int]:
    found = [path.read_text().split() for path in Path("/proc", str(pid), "task").glob("*/children")]
    return [int(one) for some in found for one in some]
