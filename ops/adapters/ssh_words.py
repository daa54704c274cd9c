"""Words that make OpenSSH's own client as strict as ours, for programs that start it themselves.

Nothing of ssh_config(5) or of an agent is read: which key, which known hosts and how long it may take stand here.
A link that stalls is given up after ``ServerAliveInterval`` times ``ServerAliveCountMax`` seconds. Sources: ssh(1),
ssh_config(5).
"""

from __future__ import annotations

import shlex
from pathlib import Path

from ops.adapters.ssh import CONNECT_SECONDS, Door
from ops.errors import InvalidRequest

ALIVE_SECONDS, ALIVE_TIMES = 15, 3
ODD = frozenset("'\"\\$")  # what ssh, a shell or restic would read in a file's name


def words(door: Door) -> list[str]:
    """The program and its options, without the host; raise ``InvalidRequest`` for a file that cannot be named."""
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": _file(door.known_hosts),
        "GlobalKnownHostsFile": "/dev/null",
        "HostKeyAlias": door.entry,
        "UpdateHostKeys": "no",
        "IdentityFile": _file(door.key_file) if door.key_file else "none",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "PreferredAuthentications": "publickey",
        "ClearAllForwardings": "yes",
        "ControlPath": "none",
        "ConnectTimeout": str(CONNECT_SECONDS),
        "ServerAliveInterval": str(ALIVE_SECONDS),
        "ServerAliveCountMax": str(ALIVE_TIMES),
        "LogLevel": "ERROR",
    }
    options |= {"HostName": door.connect_to} if door.connect_to else {}
    return ["ssh", "-F", "none", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]


def subsystem(door: Door, name: str) -> list[str]:
    """The whole command that starts a subsystem of the host, such as ``sftp``."""
    return [*words(door), "-p", str(door.port), "-l", door.account, "-s", "--", door.host, name]


def line(command: list[str]) -> str:
    """As one text, for programs that take it apart again: each word is quoted whole or not at all."""
    return shlex.join(command)


def _file(path: Path) -> str:
    """A file as ssh_config(5) reads it: quoted, for blanks, and with its signs for other things taken away."""
    text = str(path.absolute())
    if not text.isprintable() or ODD & set(text):
        raise InvalidRequest(f"{text} cannot be told to ssh", hint="move the workspace to a folder with a plain name")
    return f'"{text.replace("%", "%%")}"'
