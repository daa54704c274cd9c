"""The few Linux calls a practice network needs and Python 3.11 does not offer. Nothing here knows what a lab is.

Sources: namespaces(7), user_namespaces(7), setns(2), pivot_root(2), mount(2).
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE, DETACH = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18, 2
PDEATHSIG, SUBREAPER = 1, 36
SUBORDINATE = 65536  # ids a host with several accounts needs
libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *args: str | int | bytes | None) -> None:
    """Call libc's ``name``; raise ``OSError`` with the reason when it answers -1."""
    plain = [arg.encode() if isinstance(arg, str) else arg for arg in args]
    if getattr(libc, name)(*plain) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source: str | Path, target: str | Path, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2)."""
    call("mount", str(source), str(target), kind, flags, data)


def bind(source: str | Path, target: str | Path, read_only: bool = False) -> None:
    """Show ``source`` at ``target``; a file gets an empty file to stand on."""
    source, target = Path(source), Path(target)
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.touch()
    mount(source, target, flags=BIND | REC)
    if read_only:
        locked = os.statvfs(source).f_flag & (NOSUID | NODEV | NOEXEC)  # a user namespace may not clear these
        mount(source, target, flags=BIND | REMOUNT | RDONLY | locked)


def pivot(root: Path) -> None:
    """Make ``root`` (a mount point) the whole file system of this mount namespace."""
    os.chdir(root)
    call("pivot_root", ".", ".")
    call("umount2", ".", DETACH)
    os.chdir("/")


def subordinate(kind: str) -> tuple[int, int] | None:
    """First id and count lent to this user in /etc/subuid or /etc/subgid, or None."""
    me = {pwd.getpwuid(os.getuid()).pw_name, str(os.getuid())}
    with suppress(OSError):
        rows = (line.split(":") for line in Path("/etc", kind).read_text().splitlines())
        return next(((int(r[1]), int(r[2])) for r in rows if r[0] in me and int(r[2]) >= SUBORDINATE), None)
    return None


def lent() -> bool:
    """Can this user map more than himself? In a process that may gain no privileges, newuidmap is powerless."""
    powerless = "NoNewPrivs:\t1" in Path("/proc/self/status").read_text()
    return bool(shutil.which("newuidmap") and not powerless and subordinate("subuid") and subordinate("subgid"))


def many_ids() -> bool:
    """Whether this namespace has other users than its root; without them no server can change to one."""
    return sum(int(row.split()[2]) for row in Path("/proc/self/uid_map").read_text().splitlines()) > 1


def map_ids(pid: int) -> None:
    """From outside: give the fresh user namespace of ``pid`` root = us, and 1… = our subordinate ids if we have any."""
    if not lent():
        rows = (("setgroups", "deny"), ("uid_map", f"0 {os.getuid()} 1"), ("gid_map", f"0 {os.getgid()} 1"))
        for name, text in rows:
            Path(f"/proc/{pid}/{name}").write_text(text)
        return
    for tool, kind, own in (("newuidmap", "subuid", os.getuid()), ("newgidmap", "subgid", os.getgid())):
        first, count = subordinate(kind) or (0, 0)
        ids = [str(number) for number in (pid, 0, own, 1, 1, first, count)]
        subprocess.run([tool, *ids], check=True, timeout=5)


def die_with_parent() -> None:
    """In a child before exec: SIGKILL comes when the process that started it ends, however it ends."""
    call("prctl", PDEATHSIG, 9, 0, 0, 0)


def started(pid: int | str) -> int | None:
    """Start time of a process (clock ticks since boot): with the pid, its true identity; None when gone or dead."""
    try:
        field = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if field[0] in "ZX" else int(field[19])


def enter(pid: int, since: int, kinds: int, keep_identity: bool = False) -> None:
    """Move this single-threaded process into the namespaces of ``pid``.

    In a user namespace we would look like root; ``keep_identity`` maps us back to who we are, so that ssh,
    getpwuid and the owners of files mean the same as outside.
    """
    uid, gid, cwd = os.geteuid(), os.getegid(), Path.cwd()
    handle = os.pidfd_open(pid)
    if started(pid) != since:
        raise ProcessLookupError(f"process {pid} is not the one the lab started")
    if Path(f"/proc/{pid}/ns/user").stat().st_ino != Path("/proc/self/ns/user").stat().st_ino:
        kinds |= NEWUSER
    call("setns", handle, kinds)
    os.close(handle)
    if kinds & NEWUSER and keep_identity:
        call("unshare", NEWUSER)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} 0 1"), ("gid_map", f"{gid} 0 1")):
            Path(f"/proc/self/{name}").write_text(text)
    try:
        os.chdir(cwd)
    except OSError:
        os.chdir("/")
