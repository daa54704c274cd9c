"""A fast sweep of a network that is on our own link: one datagram to every address, then what the kernel learnt.

The kernel has to ask for the hardware address of every destination before it may send, and whoever is there answers,
firewall or not (RFC 826). Nothing needs root, and no port is opened; the datagram goes to the discard port (RFC 863).
"""

from __future__ import annotations

import errno
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Network, ip_interface

from inventory.estate.networks import Block, Networks
from inventory.estate.reading import Reading
from inventory.estate.scans import neighbours
from ops.errors import NotOffered

DISCARD = 9
WAIT = 0.6  # seconds for the last answers; the kernel asks three times, a second apart, and a live host answers at once
BURST = 200  # datagrams between two short pauses, so that the kernel's queue of questions does not overflow
PAUSE = 0.02
MOST = 1 << 16  # addresses of one network


def reachable(networks: Networks, own: Iterable[tuple[str, str]]) -> tuple[list[Block], list[Block]]:
    """The networks of ``sites.yaml`` on a link of ours, and those that are not. ``own``: (address, netmask)."""
    links = [ip_interface(f"{address}/{mask}").network for address, mask in own if mask]
    near = [one.block for one in networks.all if any(_within(one.block, link) for link in links)]
    return near, [one.block for one in networks.all if one.block not in near]


def _within(block: Block, link: Block) -> bool:
    return isinstance(block, IPv4Network) and isinstance(link, IPv4Network) and block.subnet_of(link)


def sweep(blocks: Sequence[Block]) -> Reading:
    """Who is there, with hardware addresses. Only networks that ``reachable`` named near may be given."""
    for block in blocks:
        if block.num_addresses <= MOST:
            _knock(block)
    time.sleep(WAIT)
    return _heard()


def _knock(block: Block) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.setblocking(False)
        for number, address in enumerate(block.hosts(), 1):
            _send(door, str(address))
            if number % BURST == 0:
                time.sleep(PAUSE)


def _send(door: socket.socket, address: str) -> None:
    try:
        door.sendto(b"", (address, DISCARD))
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.ECONNREFUSED,
                               errno.EPERM, errno.ENOBUFS):  # fmt: skip
            raise


def _heard() -> Reading:
    try:
        done = subprocess.run(["ip", "-s", "-j", "neigh"], capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError:
        raise NotOffered("the neighbours cannot be read: ip(8) is not here", hint="apt-get install iproute2") from None
    return neighbours(done.stdout, datetime.now(UTC))
