"""Which kind of practice network this machine allows: found by trying, best first, and said with what it lacks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from inventory.lab import kernel
from inventory.lab.host import Host, registry
from inventory.lab.network import launch
from ops.errors import InvalidRequest, NotAuthorised, OpsError

LACKS = {
    "root": "",
    "user": "packages cannot be installed on its hosts, and homes have no quotas",
    "alone": "hosts with several accounts cannot run: only dc1 and admin, and no backups",
    "loopback": "only dc1, on a loopback address; nothing is isolated from this machine, and no backups",
}
MANY_IDS = ("root", "user")  # modes whose hosts have accounts of their own


@dataclass(frozen=True)
class Mode:
    """The mode chosen and why."""

    name: str
    why: str

    @property
    def lacks(self) -> str:
        """What it lacks beside the best; empty for the best."""
        return LACKS[self.name]

    @property
    def rootless(self) -> bool:
        """Whether a user namespace is needed."""
        return self.name in ("user", "alone")

    @property
    def keeps_backups(self) -> bool:
        """Whether the backup host is there."""
        return self.name in MANY_IDS

    def hosts(self) -> list[Host]:
        """The hosts that can run in it."""
        found = registry()
        if self.name == "loopback":
            return [host for host in found if host.loopback]
        return found if self.name in MANY_IDS else [h for h in found if h.loopback or not h.own_root]


def possible() -> Mode:
    """The best this machine allows. sudo is never asked for."""
    rootless = os.geteuid() != 0
    try:
        _, heard, _ = launch(_mount_something, rootless)
        if next(heard, None) != {}:
            return Mode("loopback", "namespaces exist, but mounts in them are refused")
    except (OpsError, OSError, subprocess.SubprocessError) as error:
        return Mode("loopback", f"namespaces are refused here ({error})")
    if not rootless:
        return Mode("root", "namespaces work here")
    if kernel.lent():
        return Mode("user", "namespaces work here")
    return Mode("alone", "this user has no subordinate ids (install uidmap; see subuid(5))")


def _mount_something(out: int, keep: int) -> None:  # noqa: ARG001
    kernel.mount("none", "/", flags=kernel.REC | kernel.PRIVATE)
    kernel.mount("probe", "/mnt", "tmpfs")
    os.write(out, b"{}\n")
    os._exit(0)


def chosen(wanted: str | None) -> Mode:
    """The mode asked for, or the best possible; raise if the one asked for cannot be."""
    if wanted is None:
        return possible()
    if wanted not in LACKS:
        raise InvalidRequest(f"there is no mode {wanted}", hint=f"one of {', '.join(LACKS)}")
    best = possible()
    order = list(LACKS)
    if wanted == "root" and os.geteuid() != 0:
        raise NotAuthorised("the root mode needs root", hint=f"this user can have: {best.name}")
    if wanted == "user" and (os.geteuid() == 0 or best.name != "user"):
        raise NotAuthorised("the user mode is for ordinary users with subordinate ids", hint=f"possible: {best.name}")
    if order.index(wanted) < order.index(best.name):
        raise NotAuthorised(f"the {wanted} mode is not possible: {best.why}", hint=f"possible: {best.name}")
    return Mode(wanted, "asked for")


def missing(hosts: Sequence[Host]) -> list[str]:
    """System packages that these hosts need and this machine does not have."""
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"]
    try:
        listed = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False).stdout
    except FileNotFoundError:
        raise NotAuthorised(
            "a practice network of its own needs Debian or Ubuntu",
            hint="use WSL2 with Debian, or a colleague's network over SSH",
        ) from None
    have = {line.split()[0] for line in listed.splitlines() if line.endswith(" installed")}
    return sorted({package for host in hosts for package in host.packages} - have)
