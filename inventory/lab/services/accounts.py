"""Linux accounts of a host, written straight into its own /etc: hundreds in the time useradd takes for one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

HOMES = Path("/home")
PAM = """auth required pam_deny.so
account required pam_unix.so
session required pam_unix.so
"""  # loginuid and limits, which Debian asks for too, need rights that no host here has


def add(name: str, uid: int, comment: str, shell: str = "/bin/bash") -> Path:
    """An account that only keys open, with a group and a private home of its own; returns the home."""
    home = HOMES / name
    _append("passwd", f"{name}:x:{uid}:{uid}:{comment}:{home}:{shell}")
    _append("shadow", f"{name}:*:20000:0:99999:7:::")
    group(name, uid, ())
    home.mkdir(mode=0o700, exist_ok=True)
    own(home, uid)
    return home


def group(name: str, gid: int, members: Iterable[str]) -> None:
    """A group."""
    who = ",".join(members)
    _append("group", f"{name}:x:{gid}:{who}")
    _append("gshadow", f"{name}:!::{who}")


def door(service: str) -> None:
    """Let accounts that are neither locked out nor expired through a service."""
    Path("/etc/pam.d", service).write_text(PAM)


def authorize(name: str, key: str) -> None:
    """Let a key open an account."""
    home = HOMES / name
    uid = home.stat().st_uid
    folder = home / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "authorized_keys"
    path.write_text(key)
    path.chmod(0o600)
    own(folder, uid)
    own(path, uid)


def number(file: str, name: str) -> int:
    """The id of an account (``passwd``) or group; read here, for the C library looks where it looked first."""
    rows = (line.split(":") for line in Path("/etc", file).read_text().splitlines())
    return next(int(row[2]) for row in rows if row[0] == name)


def own(path: Path, uid: int) -> None:
    """Give a path to an account and its own group."""
    with suppress(OSError):  # one id only
        os.chown(path, uid, uid, follow_symlinks=False)


def _append(name: str, line: str) -> None:
    with Path("/etc", name).open("a") as file:
        file.write(line + "\n")
