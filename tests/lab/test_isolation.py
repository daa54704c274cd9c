"""Nothing gets out of the practice network: not by address, not by name, not through a socket in the file system.

A listener stands on this machine's own addresses, outside; it can be reached from outside, and not from within.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.network import outside
from tests.workspace import desk

pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="standing outside again needs root")]
NAME = "journeyman-way-out"
LISTEN = """
import json, socket, sys, threading
found = {}
for family, address in ((2, "127.0.0.1"), (2, "0.0.0.0")):
    one = socket.socket(family); one.bind((address, 0)); one.listen()
    found[address] = one.getsockname()[1]; globals()["kept" + address] = one
datagrams = socket.socket(2, socket.SOCK_DGRAM); datagrams.bind(("0.0.0.0", 0)); datagrams.settimeout(0.3)
abstract = socket.socket(socket.AF_UNIX); abstract.bind("\\0" + sys.argv[1]); abstract.listen()
found["udp"] = datagrams.getsockname()[1]
print(json.dumps(found), flush=True)
sys.stdin.readline()
try:
    print(datagrams.recv(100), flush=True)
except TimeoutError:
    print("nothing", flush=True)
"""
TRY = """
import json, socket, sys
reached = []
for address, port in json.loads(sys.argv[1]):
    try:
        socket.create_connection((address, port), timeout=0.5).close()
        reached.append([address, port])
    except OSError:
        pass
try:
    socket.getaddrinfo(sys.argv[2], 443)
    reached.append(sys.argv[2])
except OSError:
    pass
one = socket.socket(socket.AF_UNIX)
try:
    one.connect("\\0" + sys.argv[3])
    reached.append("abstract socket")
except OSError:
    pass
print(json.dumps(reached))
"""


@dataclass
class Listener:
    """A process outside the practice network, and the addresses at which it can be reached there."""

    process: subprocess.Popen[str]
    ports: dict[str, int]
    addresses: list[str]

    @property
    def tcp(self) -> list[tuple[str, int]]:
        own = [(address, self.ports["0.0.0.0"]) for address in self.addresses]
        return [("127.0.0.1", self.ports["127.0.0.1"]), *own]

    def heard(self) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture
def listener(network: Running) -> Iterator[Listener]:
    listed = subprocess.run([*outside(), "ip", "-json", "-4", "addr"], capture_output=True, text=True, check=True)
    addresses = [one["local"] for link in json.loads(listed.stdout) for one in link["addr_info"]]
    argv = [*outside(), sys.executable, "-c", LISTEN, NAME]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Listener(process, json.loads(process.stdout.readline()), addresses)
        process.kill()


def reached(where: list[str], listener: Listener, *more: tuple[str, int]) -> list[object]:
    targets = json.dumps([*listener.tcp, *more])
    argv = [*where, "/usr/bin/python3", "-c", TRY, targets, "example.com", NAME]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


ELSEWHERE = [("192.0.2.1", 443), ("2001:db8::1", 443), ("198.51.100.1", 443)]


def test_the_listener_is_there_when_asked_from_outside(listener: Listener) -> None:
    found = reached(outside(), listener)
    assert [tuple(one) for one in found if isinstance(one, list)] == listener.tcp
    assert "abstract socket" in found


def test_the_operators_side_reaches_nothing_outside(listener: Listener) -> None:
    assert reached([], listener, *ELSEWHERE) == []


def test_the_domain_controller_reaches_nothing_outside(network: Running, listener: Listener) -> None:
    shell = [sys.executable, "-m", "ops.cli.main", "lab", "shell", "--name", network.folder.name, "dc1", "--"]
    assert reached(shell, listener, *ELSEWHERE) == []


def test_a_datagram_does_not_get_out_either(listener: Listener) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        for address in listener.addresses:
            try:
                sender.sendto(b"hello", (address, listener.ports["udp"]))
            except OSError:
                continue
    assert listener.heard() == "nothing"


def test_there_is_one_cable_and_no_route_beyond_it(network: Running) -> None:
    def ip(*words: str) -> list[dict[str, object]]:
        done = subprocess.run(["ip", "-json", *words], capture_output=True, text=True, check=True)
        return list(json.loads(done.stdout))

    assert {str(link["ifname"]) for link in ip("link")} == {"lo", "eth0"}
    assert [route["dst"] for route in ip("route")] == ["198.51.100.0/24"]
    assert [route for route in ip("-6", "route") if route.get("dst") == "default"] == []


def test_no_socket_of_the_machines_daemons_is_in_sight(network: Running) -> None:
    sockets = [path for path in Path("/run").rglob("*") if path.is_socket() and network.folder not in path.parents]
    assert sockets == []


def test_a_network_that_is_down_is_said_before_any_socket_is_opened(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "mine", network)
    settings = at.folder / "ops.toml"
    text = settings.read_text()
    assert re.search('(?m)^lab = ""', text)
    settings.write_text(re.sub('(?m)^lab = ""', 'lab = "nowhere"', text))
    for words in (("account", "show", "ever.green"), ("doctor",), ("account", "unlock", "lock.smith", "--yes")):
        trace = tmp_path / "trace"
        argv = ["strace", "-f", "-qq", "-e", "trace=socket,connect", "-o", str(trace), sys.executable]
        done = subprocess.run(
            [*argv, "-m", "ops.cli.main", *words], cwd=at.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stderr
        assert "not up" in done.stdout + done.stderr
        assert [line for line in trace.read_text().splitlines() if "AF_INET" in line] == []
