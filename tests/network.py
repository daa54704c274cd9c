"""The practice network for tests: started once, entered by this very process, so that nothing here has a way out."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from inventory.lab import Lab, Running
from ops.adapters import ssh
from ops.adapters.host import Machine
from ops.adapters.host_commands import CommandHost
from ops.adapters.ldap import LdapDirectory, connect
from ops.adapters.ldap_connection import Address
from ops.errors import OpsError
from ops.secret import Secret

NAME = f"test-{os.getpid()}"
WAYS_BACK = {kind: os.open(f"/proc/self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in ("net", "mnt")}


def outside(folder: Path = Path("/")) -> list[str]:
    """Words before a command that is to run in a folder where this process began, out of any practice network."""
    net, mnt = (f"/proc/{os.getpid()}/fd/{WAYS_BACK[kind]}" for kind in ("net", "mnt"))
    return ["nsenter", f"--net={net}", f"--mount={mnt}", f"--wd={folder}", "--"]


@pytest.fixture(scope="session")
def network() -> Iterator[Running]:
    """A domain of its own. ``LAB_MODE`` states the mode that must be reached; else what cannot run is skipped."""
    wanted = os.environ.get("LAB_MODE") or None
    lab = Lab(NAME)
    try:
        running = lab.up(mode=wanted)
        if threading.active_count() > 1:
            raise RuntimeError("a process with threads cannot enter the practice network")
        lab.enter()
    except OpsError as error:
        if wanted:
            raise
        pytest.skip(f"no practice network here: {error}")
    yield running
    lab.down()
    lock = running.folder.with_name(f".{NAME}.lock")  # from in here its folder is a mount point, and stays
    subprocess.run([*outside(), "rm", "-rf", str(running.folder), str(lock)], check=False)


@contextmanager
def ssh_host(running: Running, name: str, account: str = "apprentice1", **more: Any) -> Iterator[CommandHost]:
    """A host of the network over SSH, as an operator."""
    machine = more.pop("machine", Machine(name, account))
    settings = {"known_hosts": running.known_hosts, "key_file": running.key_file(account)} | more
    with ssh.connect(ssh.Door(f"{name}.{running.domain}", account, **settings), machine) as host:
        yield host


class Operators:
    """Connections as the delegated accounts; nobody is the domain's administrator."""

    def __init__(self, running: Running, stack: ExitStack) -> None:
        self.running, self._stack = running, stack

    def password(self, account: str) -> Secret:
        return Secret(self.running.password_file(account).read_text().strip())

    def address(self, account: str = "apprentice1") -> Address:
        running = self.running
        return Address(
            running.controller, running.ca_file, f"{account}@{running.domain}", connect_to=running.connect_to
        )

    @contextmanager
    def session(self, account: str = "apprentice1", password: Secret | None = None) -> Iterator[LdapDirectory]:
        secret = password or self.password(account)
        with connect(self.address(account), self.running.base, self.running.places, secret) as directory:
            yield directory

    def connected(self, account: str = "apprentice1") -> LdapDirectory:
        return self._stack.enter_context(self.session(account))


@pytest.fixture(scope="module")  # Samba ends a session that was idle for 15 minutes (MaxConnIdleTime)
def operators(network: Running) -> Iterator[Operators]:
    with ExitStack() as stack:
        yield Operators(network, stack)


@pytest.fixture(scope="module")
def samba(operators: Operators) -> LdapDirectory:
    """The real directory, as an apprentice sees it."""
    return operators.connected()
