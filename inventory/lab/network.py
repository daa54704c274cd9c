"""The network itself: one process, the *anchor*, is PID 1 of a PID namespace and owns every link, mount and process.

Nothing has a name outside, so when the anchor ends, however it ends, the kernel removes it all.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any, NoReturn

from inventory.lab import kernel
from inventory.lab.host import Host, run
from inventory.lab.root import machine_view, own_root
from ops.errors import ApplyFailed

SECONDS = 25
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLEAN = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/root"}  # servers inherit nothing of the operator's
EVERYTHING = kernel.NEWNET | kernel.NEWNS | kernel.NEWUTS | kernel.NEWIPC | kernel.NEWPID
Messages = Iterator[dict[str, Any]]


@dataclass
class Network:
    """What a host may know while it starts. ``template`` is the open archive of the domain.

    ``public_keys`` maps people to the keys they sign in with. ``history`` is the open archive of the backups up to a
    ``night``.
    """

    folder: Path
    hosts: Sequence[Host]
    template: IO[bytes]
    public_keys: Mapping[str, str] = field(default_factory=dict)
    history: IO[bytes] | None = None
    night: date = date.min

    @property
    def hosts_file(self) -> str:
        """/etc/hosts of every host."""
        rows = "".join(f"{host.address} {host.fqdn} {host.name}\n" for host in self.hosts)
        return f"127.0.0.1 localhost\n{rows}"


def say(pipe: int, **message: Any) -> None:
    """One line of JSON into a pipe."""
    os.write(pipe, (json.dumps(message) + "\n").encode())


def messages(handle: int) -> Messages:
    """The lines that come out of a pipe, until it ends."""
    rest = b""
    while piece := os.read(handle, 65536):
        *whole, rest = (rest + piece).split(b"\n")
        yield from map(json.loads, whole)


def links(lines: Sequence[str]) -> None:
    """Run several ``ip`` commands at once."""
    run("ip", "-batch", "-", text="\n".join(lines) + "\n")


def host_life(network: Network, host: Host, go: int, out: int) -> None:
    """Runs forked: a host's first process. Says its pid, waits for its cable, starts, says it is ready."""
    kernel.call("unshare", EVERYTHING)
    if os.fork():
        os._exit(0)
    try:
        os.setsid()
        outer = int(str(Path("/proc/self").readlink()))  # /proc is still the machine's: our pid as seen from outside
        since = kernel.started("self")
        say(out, host=host.name, pid=outer)
        if os.read(go, 1) != b"g":
            os._exit(1)
        _start(network, host)
        say(out, host=host.name, ready=outer, since=since)
    except Exception as error:  # noqa: BLE001  whatever it is, whoever waits for this host must hear of it
        said = f"{error} {getattr(error, 'stderr', '') or ''}".strip()
        say(out, host=host.name, failed=said or type(error).__name__)
        os._exit(1)
    for handle in (go, out):
        os.close(handle)
    idle()


def _start(network: Network, host: Host) -> None:
    kernel.mount("none", "/", flags=kernel.REC | kernel.PRIVATE)
    kernel.call("sethostname", host.name, len(host.name))
    links(["link set lo up", f"addr add {host.address}/24 dev eth0", "link set eth0 up"])
    (own_root if host.own_root else machine_view)(network, host)
    host.start(network)
    limit = time.monotonic() + SECONDS
    while not host.ready():
        if time.monotonic() > limit:
            raise TimeoutError(f"port {host.probe} did not answer within {SECONDS} s")
        time.sleep(0.02)


def idle() -> NoReturn:
    """Be an init: reap for ever, end on SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while True:
        try:
            os.wait()
        except ChildProcessError:
            signal.pause()


def anchor_life(network: Network, out: int, keep: int) -> None:
    """PID 1 of the network. Until told to keep (one byte), the end of ``up``, also by kill -9, is its own end."""
    threading.Thread(target=lambda: os.read(keep, 1) or os._exit(1), daemon=True).start()
    os.environ.clear()
    os.environ.update(CLEAN)
    kernel.mount("none", "/", flags=kernel.REC | kernel.PRIVATE)
    kernel.mount("lab", network.folder / "hosts", "tmpfs", kernel.NOSUID | kernel.NODEV, "mode=755,size=2g")
    links(["link set lo up", "link add br0 type bridge", "link set br0 up"])
    news, tell = os.pipe()
    gates = {host.name: _fork(network, host, tell) for host in network.hosts}
    heard = messages(news)
    pids = dict(_until(heard, out, len(network.hosts), "pid"))
    links([line for host in network.hosts for line in _cable(host, pids[host.name])])
    for gate in gates.values():
        os.write(gate, b"g")
    for _ in _until(heard, out, len(network.hosts), "ready"):
        continue
    say(out, done=True)
    os.close(out)
    idle()


def _fork(network: Network, host: Host, tell: int) -> int:
    (network.folder / "hosts" / host.name).mkdir()
    go, gate = os.pipe()
    if os.fork() == 0:
        host_life(network, host, go, tell)
    return gate


def _until(heard: Messages, out: int, count: int, word: str) -> Iterator[tuple[str, int]]:
    """So many messages that carry this word; the first failure is passed on and ends us."""
    for _ in range(count):
        message = next(heard)
        if word == "ready" or "failed" in message:
            say(out, **message)
        if "failed" in message:
            os._exit(1)
        yield message["host"], message[word]


def _cable(host: Host, outer: int) -> tuple[str, str]:
    inner = inner_pid(outer)
    port = f"p-{host.name}"
    return (
        f"link add {port} type veth peer name eth0 address {host.mac} netns {inner}",
        f"link set {port} master br0 up",
    )


def inner_pid(outer: int) -> str:
    """The pid ``ip`` must be told: ours, not the machine's. NSpid lists it from the outermost namespace inwards."""
    status = Path(f"/proc/{outer}/status").read_text().splitlines()
    return next(line for line in status if line.startswith("NSpid:")).split()[-2]


def launch(body: Callable[[int, int], None], rootless: bool) -> tuple[dict[str, Any], Messages, int]:
    """Start ``body(out, keep)`` as PID 1 of fresh namespaces: (who it is as seen here, its messages, keep)."""
    news, out = os.pipe()
    keep_end, keep = os.pipe()
    ask, mapped = os.pipe(), os.pipe()
    middle = os.fork()
    if middle == 0:
        for handle in (news, keep, ask[0], mapped[1]):
            os.close(handle)
        _become(body, rootless, (out, keep_end), (ask[1], mapped[0]))
    for handle in (out, keep_end, ask[1], mapped[0]):
        os.close(handle)
    if rootless and os.read(ask[0], 1) == b"m":
        kernel.map_ids(middle)
        os.write(mapped[1], b"k")
    for handle in (ask[0], mapped[1]):
        os.close(handle)
    os.waitpid(middle, 0)
    heard = messages(news)
    first = next(heard, {"failed": "namespaces are refused"})
    if "failed" in first:
        raise ApplyFailed(f"the practice network could not be started: {first['failed']}", hint="ops doctor")
    return first, heard, keep


def _become(
    body: Callable[[int, int], None], rootless: bool, pipes: tuple[int, int], asking: tuple[int, int]
) -> NoReturn:
    """The forked child: unshare, and let the grandchild be the anchor."""
    out, keep = pipes
    try:
        os.setsid()
        if rootless:
            _be_root_inside(*asking)
        kernel.call("unshare", EVERYTHING)
        if os.fork():
            os._exit(0)
        null = os.open("/dev/null", os.O_RDWR)
        for handle in (0, 1, 2):  # else whoever captures the output of ``up`` waits until the network ends
            os.dup2(null, handle)
        say(out, anchor=int(str(Path("/proc/self").readlink())), since=kernel.started("self"))
        body(out, keep)
    except (OSError, subprocess.SubprocessError) as error:
        say(out, host="anchor", failed=f"{error} {getattr(error, 'stderr', '') or ''}".strip())
    os._exit(1)


def _be_root_inside(ask: int, mapped: int) -> None:
    kernel.call("unshare", kernel.NEWUSER)
    os.write(ask, b"m")
    if os.read(mapped, 1) != b"k":
        os._exit(1)
    os.setresgid(0, 0, 0)
    if kernel.lent():
        os.setgroups([])
    os.setresuid(0, 0, 0)


def end(pid: int | None, since: int | None) -> bool:
    """Kill the anchor and wait until the kernel has taken everything down; say whether there was one."""
    if pid is None or since is None or kernel.started(pid) != since:
        return False
    handle = os.pidfd_open(pid)
    signal.pidfd_send_signal(handle, signal.SIGKILL)
    select.select([handle], [], [], 10)
    os.close(handle)
    return True
