"""OpenSSH servers of a test's own, on loopback."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path

from ops.adapters.ssh import Door


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def server(folder: Path, *settings: str, kind: str = "ed25519") -> Iterator[tuple[int, Path]]:
    """An OpenSSH server of our own on loopback: its port, and a file of known hosts with its key in it."""
    folder.mkdir(exist_ok=True)
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-qt", kind, "-N", "", "-f", str(key)], check=True)
    port = free_port()
    options = ["ListenAddress=127.0.0.1", f"Port={port}", f"HostKey={key}", "PidFile=none", "UsePAM=no", *settings]
    Path("/run/sshd").mkdir(exist_ok=True)
    argv = ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", *(f"-o{option}" for option in options)]
    with subprocess.Popen(argv, stderr=subprocess.PIPE) as running:
        try:
            wait_for(port)
            kind_, blob = (folder / "key.pub").read_text().split()[:2]
            known = folder / "known_hosts"
            known.write_text(f"[127.0.0.1]:{port} {kind_} {blob}\n")
            yield port, known
        finally:
            running.kill()


@contextmanager
def door(folder: Path, command: str) -> Iterator[Door]:
    """The way in to a server that does one thing for a key of its own."""
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", str(key)], check=True)
    settings = (f"AuthorizedKeysFile={key}.pub", "StrictModes=no", "Subsystem=sftp internal-sftp")
    with server(folder / "sshd", *settings, f"ForceCommand={command}") as (port, known):
        yield Door("127.0.0.1", getuser(), known, key, port, sudo=False)


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("the server did not start")
