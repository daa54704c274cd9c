"""A PostgreSQL server for tests: a cluster of its own, run by somebody unprivileged, ended with the tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from inventory.lab import kernel
from inventory.register.store import Author, Register

QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
NUMBERS = count(1)


@dataclass(frozen=True)
class Server:
    """``folder`` has its socket, and ``server.crt``, which vouches for itself as localhost."""

    folder: Path
    port: int

    def address(self, database: str, account: str = "register") -> str:
        """As the setting has it."""
        return f"postgresql://{account}@/{database}?host={self.folder}&port={self.port}"

    def ask(self, question: str, database: str = "postgres") -> list[Any]:
        """What SQL says, as the owner of everything."""
        import psycopg

        known = {"host": str(self.folder), "port": self.port, "user": "register", "dbname": database}
        with psycopg.connect(autocommit=True, **known) as connection:  # type: ignore[arg-type]
            found = connection.execute(question.encode())
            return found.fetchall() if found.description else []

    @contextmanager
    def database(self, template: str = "blank") -> Iterator[str]:
        """An empty register of one's own; its name."""
        name = f"test{next(NUMBERS)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield name
        self.ask(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server that orders texts as a language does. With ``LAB_MODE`` it must be there, else it is skipped."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: float(one.parent.name), default=None)
    if programs is None:
        said = "no PostgreSQL server here: apt-get install postgresql"
        pytest.fail(said) if os.environ.get("LAB_MODE") else pytest.skip(said)
    folder = Path(mkdtemp(prefix="pg-"))
    try:
        with _served(programs, folder) as server:
            server.ask("CREATE DATABASE blank")
            Register(server.address("blank"), Author("amy")).close()
            yield server
    finally:
        shutil.rmtree(folder)


@contextmanager
def _served(programs: Path, folder: Path) -> Iterator[Server]:
    somebody: Mapping[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        somebody = {**somebody, "user": "postgres", "group": "postgres", "extra_groups": ()}
    data = folder / "data"
    words = ["--username=register", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    language = ["--locale-provider=icu", "--icu-locale=en-US"]
    for argv in ([programs / "initdb", f"--pgdata={data}", *words, *language], _certificate(folder)):
        subprocess.run(argv, check=True, capture_output=True, **somebody)
    data.joinpath("pg_hba.conf").write_text(
        "local all register trust\nlocal all all scram-sha-256\nhostssl all all 127.0.0.1/32 trust\n"
    )
    server = Server(folder, _free())
    said = {
        **QUICK,
        **{"port": server.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "ssl": "on"},
        **{"ssl_cert_file": folder / "server.crt", "ssl_key_file": folder / "server.key"},
    }
    argv = [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in said.items())]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(argv, stdout=log, stderr=log, preexec_fn=kernel.die_with_parent, **somebody)
    try:
        _wait(server, running)
        yield server
    finally:
        running.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        running.wait(30)


def _certificate(folder: Path) -> list[str]:
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    more = [
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        f"{folder}/server.key",
        "-out",
        f"{folder}/server.crt",
    ]
    return ["openssl", *words.split(), *more]


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(server: Server, running: subprocess.Popen[bytes]) -> None:
    import psycopg

    for _ in range(300):
        try:
            server.ask("SELECT 1")
            return
        except psycopg.OperationalError:
            if running.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError((server.folder / "log").read_text(errors="replace")[-2000:])
