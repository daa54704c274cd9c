"""The last resort where namespaces are forbidden: only the domain controller, on a loopback address of its own."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import NoReturn

from inventory.lab import kernel
from inventory.lab.host import DOMAIN
from inventory.lab.hosts.dc1 import DomainController
from inventory.lab.network import SECONDS, Network
from inventory.lab.samba import krb5_conf, smb_conf
from inventory.lab.state import State
from ops.errors import ApplyFailed, NotAuthorised

PORTS = (88, 389, 636)
ADDRESSES = [f"127.98.51.{number}" for number in range(10, 60)]


def free_address() -> str:
    """An address on which the controller's fixed ports can be had; raise with the reason when none can."""
    try:
        if found := next(filter(_free, ADDRESSES), ""):
            return found
    except PermissionError:
        raise NotAuthorised(
            "a domain controller needs ports below 1024",
            hint="ask for namespaces, or: sysctl net.ipv4.ip_unprivileged_port_start=53",
        ) from None
    raise ApplyFailed("no loopback address is free", hint="ops lab down ends a network of yours")


def _free(address: str) -> bool:
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind((address, port))
            except PermissionError:
                raise
            except OSError:
                return False
    return True


def start(state: State, network: Network, address: str) -> tuple[int, int]:
    """The anchor is a plain process whose only child, the server, dies with it. Returns its pid and start time."""
    home = state.folder / "dc1"
    keep_end, keep = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(keep)
        _live(network, home, address, keep_end)
    os.close(keep_end)
    since = kernel.started(pid) or 0
    state.write(mode="loopback", anchor=pid, since=since, hosts={}, half=True)
    _wait(home, address, pid, since)
    os.write(keep, b"k")
    (state.folder / "krb5.conf").write_text(krb5_conf(address))
    (state.folder / "ldaprc").write_text(f"URI ldaps://dc1.{DOMAIN}\nTLS_CACERT {state.folder}/ca.pem\n")
    return pid, since


def _live(network: Network, home: Path, address: str, keep: int) -> NoReturn:
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(null, handle)
    kernel.call("prctl", kernel.SUBREAPER, 1, 0, 0, 0)
    DomainController.unpack(network, home)
    conf = home / "etc/smb.conf"
    conf.write_text(smb_conf(home, address))
    server = DomainController.serve(home, conf, tied=True)

    def watch() -> None:
        if not os.read(keep, 1):
            server.kill()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    os._exit(1 if server.wait() else 0)


def _wait(home: Path, address: str, pid: int, since: int) -> None:
    limit = time.monotonic() + SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((address, 636)) == 0:
                return
        if kernel.started(pid) != since or time.monotonic() > limit:
            log = home / "log/stdout"
            last = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
            raise ApplyFailed(f"dc1 did not start: {' '.join(last)}", hint="ops lab reset")
        time.sleep(0.02)
