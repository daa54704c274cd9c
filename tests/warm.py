"""``ops`` for tests, as a process of its own that need not start from nothing.

A process that has imported the libraries, and nothing of ours, waits for requests and forks for each: to start Python
and to import them is half of a short command. What is ours is imported after the fork, as in any other start.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARIES = (
    *("alembic.command", "anyascii", "bcrypt", "click", "cryptography.hazmat.primitives.serialization", "defusedxml"),
    *("http.client", "importlib.metadata", "ldap3", "nornir.core.inventory", "openpyxl", "paramiko", "platformdirs"),
    *("psutil", "pydantic.root_model", "rfc8785", "rich.console", "sqlalchemy.orm", "sqlalchemy.dialects.sqlite"),
    *("sqlite3", "yaml"),
)
PLAIN = {"PATH", "HOME", "LANG"}  # what a start of Python itself reads must be as it was for the one that waits


def usual() -> dict[str, str]:
    """What a command of a test is told by its environment, if the test says nothing."""
    return {key: value for key, value in os.environ.items() if key in PLAIN}


def run(words: Sequence[str], folder: Path, given: str, seconds: float) -> subprocess.CompletedProcess[str]:
    """Run ``ops`` in a folder, given a text on its standard input; raise ``TimeoutExpired`` when it takes too long."""
    spaces = tuple(Path(f"/proc/self/ns/{kind}").stat().st_ino for kind in ("net", "mnt"))
    request = json.dumps([list(words), str(folder), usual()]).encode()
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        told.write(given.encode())
        told.seek(0)
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(_waiting(spaces))
            socket.send_fds(asked, [len(request).to_bytes(4, "big")], [one.fileno() for one in (told, out, err)])
            asked.sendall(request)
            pid = int.from_bytes(_received(asked, 4), "big")
            asked.settimeout(seconds)
            try:
                code = int.from_bytes(_received(asked, 4), "big", signed=True)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(["ops", *words], seconds) from None
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(["ops", *words], code, *texts)


@cache
def _waiting(spaces: tuple[int, ...]) -> str:
    """Where the one waits that is started in these namespaces; it ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="ops-"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "asked"))
        listening.listen(64)
        argv = [sys.executable, "-W", "error::ResourceWarning", "-m", "tests.warm", str(listening.fileno())]
        waits = subprocess.Popen(argv, cwd=ROOT, env=usual(), stdin=subprocess.PIPE, pass_fds=[listening.fileno()])
    atexit.register(_ended, waits, folder)
    return str(folder / "asked")


def _ended(waits: subprocess.Popen[bytes], folder: Path) -> None:
    waits.communicate()
    shutil.rmtree(folder, ignore_errors=True)


def _received(asked: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = asked.recv(size - len(found))
        if not piece:
            raise RuntimeError("the process that waits for commands is gone")
        found += piece
    return found


def serve(listening: socket.socket) -> bool:
    """Fork for each request until whoever started this is gone; true in the process that is to become ``ops``."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while listening.fileno() in select.select([listening.fileno(), 0], [], [])[0]:
        asked, _ = listening.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.detach()
            return _forked(asked)
        asked.close()
    return False


def _forked(asked: socket.socket) -> bool:
    size, descriptors, _, _ = socket.recv_fds(asked, 4, 3)
    words, folder, environment = json.loads(_received(asked, int.from_bytes(size, "big")))
    if pid := os.fork():
        asked.sendall(pid.to_bytes(4, "big"))
        for one in descriptors:
            os.close(one)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with suppress(BrokenPipeError):  # nobody waits any more
            asked.sendall(code.to_bytes(4, "big", signed=True))
        os._exit(0)
    asked.detach()
    for number, one in enumerate(descriptors):
        os.dup2(one, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["ops", *words]
    return True


def main() -> None:
    """Wait, and be ``ops`` in each child."""
    for name in LIBRARIES:
        import_module(name)
    gc.collect()
    gc.freeze()  # else each child touches, and so copies, all of it when it ends
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        asked_for = serve(listening)
    if asked_for:
        from ops.cli.main import main as ops

        ops()


if __name__ == "__main__":
    main()
