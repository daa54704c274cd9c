"""Nothing gets out of the practice network: not by address, not by name, not through a socket in the file system.

A listener stands on this machine's own addresses, outside; it can be reached from outside, and not from within.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from inventory.lab import Running
from tests.network import outside
from tests.workspace import desk

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("walled")]
NAME = f"journeyman-way-out-{os.getpid()}"
LISTEN = """
import json, os, socket, sys
name, *paths = sys.argv[1:]
kept = [socket.create_server(("127.0.0.1", 0))]
both = socket.has_dualstack_ipv6()
kept.append(socket.create_server(("::" if both else "", 0), family=10 if both else 2, dualstack_ipv6=both))
datagrams = socket.socket(kept[1].family, socket.SOCK_DGRAM)
if both:
    datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
datagrams.bind(("::" if both else "", 0))
datagrams.settimeout(0.3)
for place in ("\\0" + name, *paths):
    kept.append(socket.socket(socket.AF_UNIX))
    kept[-1].bind(place)
    kept[-1].listen()
ports = [one.getsockname()[1] for one in (kept[0], kept[1], datagrams)]
print(json.dumps(ports), flush=True)
sys.stdin.readline()
try:
    print(datagrams.recv(100).decode(), flush=True)
except TimeoutError:
    print("nothing", flush=True)
for path in paths:
    os.unlink(path)
"""
TRY = """
import json, socket, sys
streams, datagrams, names, places = json.loads(sys.argv[1])
reached = []
def attempt(what, action):
    try:
        action()
        reached.append(what)
    except OSError:
        pass
for address, port in streams:
    attempt(["tcp", address], lambda: socket.create_connection((address, port), timeout=0.5).close())
for address, port in datagrams:
    family = 10 if ":" in address else 2
    attempt(["udp", address], lambda: socket.socket(family, socket.SOCK_DGRAM).sendto(b"hello", (address, port)))
for name in names:
    attempt(["name", name], lambda: socket.getaddrinfo(name, 443))
for place in places:
    attempt(["socket", place], lambda: socket.socket(socket.AF_UNIX).connect(place))
print(json.dumps(reached))
"""


@pytest.fixture(scope="module")
def walled(network: Running) -> None:
    """Comes before anything is tried: in loopback mode there are no walls, and what is tried would get out."""
    if network.mode != "root":
        pytest.skip(f"standing outside again needs mode root, this is mode {network.mode}")


@dataclass(frozen=True)
class Listener:
    """A process outside the practice network, and where it can be reached there."""

    process: subprocess.Popen[str]
    loopback: int
    stream: int
    datagram: int
    addresses: list[str]
    places: list[str]

    @property
    def streams(self) -> list[tuple[str, int]]:
        return [("127.0.0.1", self.loopback), *((address, self.stream) for address in self.addresses)]

    @property
    def datagrams(self) -> list[tuple[str, int]]:
        """At loopback addresses a host would only send to itself; there the listener's ear tells."""
        return [(address, self.datagram) for address in self.addresses if not ip_address(address).is_loopback]

    def heard(self) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def own_addresses() -> list[str]:
    """The machine's own, but for those of a single link, which are worth nothing without its name."""
    listed = subprocess.run([*outside(), "ip", "-json", "addr"], capture_output=True, text=True, check=True)
    found = [one for link in json.loads(listed.stdout) for one in link["addr_info"]]
    return [one["local"] for one in found if one["scope"] in ("global", "host")]


@pytest.fixture
def listener(walled: None) -> Iterator[Listener]:
    paths = [f"{folder}/{NAME}" for folder in ("/run", "/tmp")]  # noqa: S108
    argv = [*outside(), sys.executable, "-c", LISTEN, NAME, *paths]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        loopback, stream, datagram = json.loads(process.stdout.readline())
        one = Listener(process, loopback, stream, datagram, own_addresses(), [f"\0{NAME}", *paths])
        yield one
        if process.poll() is None:
            one.heard()
            process.wait(5)


def reached(where: list[str], *targets: list[Any]) -> list[tuple[str, str]]:
    """What of these streams, datagrams, names and places a host reaches."""
    argv = [*where, "/usr/bin/python3", "-c", TRY, json.dumps(targets)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [tuple(one) for one in json.loads(done.stdout)]


HOSTS = ("dc1", "fs1", "srv1", "bak1", "ws1")


def on(network: Running, host: str) -> list[str]:
    return [sys.executable, "-m", "ops.cli.main", "lab", "shell", "--name", network.folder.name, host, "--"]


ELSEWHERE = [("192.0.2.1", 443), ("203.0.113.1", 53), ("2001:db8::1", 443)]
NAMES = ["example.com", "dns.google"]


def test_the_listener_is_there_when_asked_from_outside(listener: Listener) -> None:
    found = reached(outside(), listener.streams, listener.datagrams, [], listener.places)
    assert [address for kind, address in found if kind == "tcp"] == ["127.0.0.1", *listener.addresses]
    assert [address for kind, address in found if kind == "udp"] == [address for address, _ in listener.datagrams]
    assert [place for kind, place in found if kind == "socket"] == listener.places
    assert not listener.datagrams or listener.heard() == "hello"


def test_the_operators_side_reaches_nothing_outside(listener: Listener) -> None:
    """Its files are the machine's own, so what listens in /tmp is in sight; /run and abstract names are not."""
    private = [place for place in listener.places if not place.startswith("/tmp")]  # noqa: S108
    everywhere = [*listener.streams, *ELSEWHERE], [*listener.datagrams, *ELSEWHERE], NAMES, private
    assert reached([], *everywhere) == []
    assert reached([], [], [("127.0.0.1", listener.datagram)], [], []) == [("udp", "127.0.0.1")]
    assert listener.heard() == "nothing"


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_reaches_nothing_outside(network: Running, listener: Listener, host: str) -> None:
    everywhere = [*listener.streams, *ELSEWHERE], [*listener.datagrams, *ELSEWHERE], NAMES, listener.places
    where = on(network, host)
    assert reached(where, *everywhere) == []
    assert reached(where, [], [("127.0.0.1", listener.datagram)], [], []) == [("udp", "127.0.0.1")]
    assert listener.heard() == "nothing"


@pytest.mark.parametrize("host", ["admin", *HOSTS])
def test_there_is_one_cable_and_no_route_beyond_it(network: Running, host: str) -> None:
    def ip(*words: str) -> list[dict[str, Any]]:
        where = [] if host == "admin" else on(network, host)
        done = subprocess.run([*where, "ip", "-json", *words], capture_output=True, text=True, check=True)
        return list(json.loads(done.stdout or "[]"))

    assert {link["ifname"] for link in ip("link")} == {"lo", "eth0"}
    assert [route["dst"] for route in ip("route")] == ["198.51.100.0/24"]
    assert {route["dst"] for route in ip("-6", "route")} <= {"::1", "fe80::/64"}
    everywhere = [*ip("route", "show", "table", "all"), *ip("-6", "route", "show", "table", "all")]
    assert [route for route in everywhere if route["dst"] == "default" or "gateway" in route] == []


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_is_its_own_first_process_in_namespaces_of_its_own(network: Running, host: str) -> None:
    def kinds(process: str, *where: str) -> list[str]:
        links = [f"/proc/{process}/ns/{kind}" for kind in ("net", "mnt", "pid", "ipc", "uts")]
        done = subprocess.run([*where, "readlink", *links], capture_output=True, text=True, check=True)
        return done.stdout.split()

    first = kinds("1", *on(network, host))
    assert first == kinds("self", *on(network, host))
    assert set(first).isdisjoint(kinds("self", *outside()))


def test_no_socket_of_the_machines_daemons_is_in_sight(network: Running, listener: Listener) -> None:
    """The person's own /run/user stays, for an agent and a keyring; nobody is signed in to a session here."""
    sockets = [path for path in Path("/run").rglob("*") if path.is_socket() and network.folder not in path.parents]
    assert sockets == []
    assert not list(Path("/run").glob("dbus/*")) + list(Path("/run").glob("systemd/*"))
    outer = subprocess.run([*outside(), "find", "/run", "-type", "s"], capture_output=True, text=True, check=False)
    assert f"/run/{NAME}" in outer.stdout.splitlines()


def traced(where: list[str], folder: Path, *words: str, **more: Any) -> tuple[subprocess.CompletedProcess[str], str]:
    """A command of ours, and every call to the network it and its children made."""
    with tempfile.NamedTemporaryFile("r") as trace:
        argv = [*where, "strace", "-f", "-qq", "-e", "trace=%network", "-o", trace.name, sys.executable]
        done = subprocess.run(
            [*argv, "-m", "ops.cli.main", *words], capture_output=True, text=True, check=False, cwd=folder, **more
        )
        return done, trace.read()


def test_a_trace_shows_the_socket_of_a_command_that_reaches_its_server(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "mine", network)
    done, trace = traced([], at.folder, "account", "show", "ever.green")
    assert done.returncode == 0, done.stderr
    assert "AF_INET" in trace


DOWN: list[tuple[str, ...]] = [
    ("account", "show", "ever.green"),
    ("account", "unlock", "lock.smith", "--yes"),
    ("user", "onboard", "--given", "Ada", "--family", "Down", "--employee", "D1", "--yes"),
    ("audit", "run", "passwords"),
    ("doctor",),
]


def test_a_network_that_went_down_is_said_before_any_socket_is_opened(tmp_path: Path) -> None:
    """Its names would else be asked of the machine's own network."""
    here, cache = tmp_path / "here", os.environ.get("LAB_CACHE", "/var/cache")
    here.mkdir()
    way = {**os.environ, "LAB_RUN": str(tmp_path / "run"), "LAB_CACHE": cache}
    for step in (("up", "--name", "gone", "--workspace-folder", str(here / "mine")), ("down", "--name", "gone")):
        argv = [*outside(here), sys.executable, "-m", "ops.cli.main", "lab", *step]
        done = subprocess.run(argv, env=way, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for words in DOWN:
        done, trace = traced(outside(here / "mine"), here, *words, env=way)
        assert done.returncode == 1, (words, done.stderr)
        assert "the practice network gone is not up; nothing was sent anywhere" in done.stdout + done.stderr
        assert [line for line in trace.splitlines() if "AF_INET" in line or "sendto(" in line] == []
