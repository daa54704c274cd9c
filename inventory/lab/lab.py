"""The practice network as a whole: up, down, status, reset, enter."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from inventory.lab import kernel, loopback
from inventory.lab.data import last_night
from inventory.lab.history import History, Making, passwords
from inventory.lab.host import DOMAIN, named
from inventory.lab.modes import MANY_IDS, Mode, chosen, missing
from inventory.lab.network import PATH, Messages, Network, anchor_life, end, launch
from inventory.lab.people import FIRST_UID
from inventory.lab.rights import GROUPS, LEAVERS, ROLES, SERVICE, STAFF
from inventory.lab.samba import BASE
from inventory.lab.state import State, cache_folder
from inventory.lab.template import Template, build, template, tidy
from ops.errors import ApplyFailed, NotFound, Unreachable

HOST = kernel.NEWNET | kernel.NEWNS | kernel.NEWUTS | kernel.NEWIPC | kernel.NEWPID
DESK = kernel.NEWNET | kernel.NEWNS
PLACES = {"staff": STAFF, "leavers": LEAVERS, "service": SERVICE, "groups": GROUPS, "roles": ROLES}
Say = Callable[[str], None]


class LabDown(Unreachable):
    """The practice network is not running; nothing was sent anywhere."""

    page = "lab-down"


@dataclass(frozen=True)
class Running:
    """A network that is up. ``address`` is where dc1 answers; ``hosts`` maps names to addresses."""

    folder: Path
    mode: str
    address: str
    hosts: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    domain = DOMAIN
    base = BASE
    first_uid = FIRST_UID
    controller = f"dc1.{DOMAIN}"
    places = PLACES

    @property
    def ca_file(self) -> Path:
        """The certificate authority of the domain."""
        return self.folder / "ca.pem"

    def password_file(self, account: str) -> Path:
        """Where the password of an account is."""
        return self.folder / "secrets" / account

    def key_file(self, account: str) -> Path:
        """The SSH key an operator signs in to hosts with."""
        return self.folder / "secrets" / f"{account}.key"

    @property
    def keeps_backups(self) -> bool:
        """Whether there is a backup host."""
        return "bak1" in self.hosts

    @property
    def linux(self) -> dict[str, tuple[str, Mapping[str, Any]]]:
        """The hosts operators sign in to: full name, and what an inventory says of them. With one id there are none."""
        if self.mode not in MANY_IDS:
            return {}
        there = (named(name) for name in sorted(self.hosts, key=lambda name: named(name).number))
        return {host.listed_as: (host.fqdn, host.settings) for host in there if host.settings is not None}

    @property
    def known_hosts(self) -> Path:
        """The keys of the hosts, as the network itself made them."""
        return self.folder / "known_hosts"

    @property
    def connect_to(self) -> str:
        """Where to connect instead of the name: only where names cannot be had."""
        return self.address if self.mode == "loopback" else ""


@dataclass(frozen=True)
class Status:
    """What can be said without touching the network. ``left_over``: files of an interrupted start."""

    name: str
    up: bool
    mode: str = ""
    lacks: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()
    left_over: bool = False


class Lab:
    """One practice network by its name; several run side by side."""

    def __init__(self, name: str = "lab") -> None:
        self.state = State(name)

    @property
    def name(self) -> str:
        """Its name."""
        return self.state.name

    def up(self, people: int = 50, mode: str | None = None, say: Say = lambda _: None) -> Running:
        """Start it, or say that it is up already; the domain is made the first time, once per machine."""
        with self.state.lock():
            if self.state.alive():
                return self.running()
            began = time.perf_counter()
            how = chosen(mode)
            say(f"mode {how.name}: {how.why}" + (f"; {how.lacks}" if how.lacks else ""))
            if absent := missing(how.hosts()):
                command = f"apt-get install --no-install-recommends {' '.join(absent)}"
                raise NotFound(f"system packages are missing: {' '.join(absent)}", hint=command)
            address = loopback.free_address() if how.name == "loopback" else named("dc1").address
            history = History(cache_folder(), last_night(datetime.now(UTC)))
            with Making(history, how.rootless) if how.keeps_backups else nullcontext():
                domain = self._template(address, people, say)
            self.state.prepare(how.hosts(), domain)
            if how.keeps_backups:
                self._let_backups_be_opened()
            self._start(how, domain, address, history)
            return self.running(time.perf_counter() - began)

    @staticmethod
    def _template(address: str, people: int, say: Say) -> Template:
        found = template(cache_folder(), address, people)
        tidy(cache_folder())
        if not found.complete:
            say("making the domain, once per machine …")
            build(found, address, people)
        return found

    def _let_backups_be_opened(self) -> None:
        for name, word in passwords(cache_folder()).items():
            self.state.secret(f"backup-{name}", word)
            if name == "attic":  # borg knows one password; a copy of it is in the safe
                self.state.secret(f"backup-{name}-escrow", word)

    def _start(self, how: Mode, domain: Template, address: str, history: History) -> None:
        try:
            with ExitStack() as stack:
                archive = stack.enter_context(domain.archive.open("rb"))
                kept = stack.enter_context(history.archive.open("rb")) if how.keeps_backups else None
                keys = self.state.public_keys()
                network = Network(self.state.folder, how.hosts(), archive, keys, kept, history.night)
                if how.name == "loopback":
                    pid, since = loopback.start(self.state, network, address)
                    self.state.write(mode=how.name, anchor=pid, since=since, hosts={}, address=address)
                else:
                    self._anchor(how, network, address)
        except BaseException:
            known = self.state.read()
            end(known.get("anchor"), known.get("since"))
            self.state.remove()
            raise
        shutil.rmtree(self.state.folder / "keys")

    def _anchor(self, how: Mode, network: Network, address: str) -> None:
        first, heard, keep = launch(lambda out, kept: anchor_life(network, out, kept), how.rootless)
        who = {"mode": how.name, "anchor": first["anchor"], "since": first["since"]}
        self.state.write(**who, hosts={}, half=True)
        self.state.write(**who, hosts=_collect(heard), address=address)
        os.write(keep, b"k")

    def down(self) -> bool:
        """End it; nothing is left. Says whether there was one."""
        with self.state.lock():
            known = self.state.read()
            ended = end(known.get("anchor"), known.get("since"))
            self.state.remove()
            return ended

    def reset(self, people: int = 50, mode: str | None = None, say: Say = lambda _: None) -> Running:
        """A fresh domain, as it was first made."""
        self.down()
        return self.up(people, mode, say)

    def status(self) -> Status:
        """What is known; resolves and connects to nothing."""
        known = self.state.alive()
        if not known or known.get("half"):
            return Status(self.name, up=False, left_over=not known and self.state.folder.exists())
        running = self.running()
        lacks = Mode(running.mode, "").lacks
        return Status(self.name, True, running.mode, lacks, running.hosts, running.folder)

    def running(self, seconds: float = 0.0) -> Running:
        """The network that is up; raise ``LabDown`` if it is not."""
        known = self._up()
        hosts = {name: named(name).address for name in known["hosts"]} or {"dc1": known["address"]}
        return Running(self.state.folder, known["mode"], known["address"], hosts, seconds)

    def _up(self) -> dict[str, Any]:
        known = self.state.alive()
        if not known or known.get("half"):
            raise LabDown(f"the practice network {self.name} is not up; nothing was sent anywhere", hint="ops lab up")
        return known

    def enter(self, host: str = "admin") -> None:
        """Move this very process into a host; from then on nothing it does can leave the machine.

        Must come before any thread, socket or event loop. In loopback mode there is nothing to enter.
        """
        known = self._up()
        if known["mode"] == "loopback":
            os.environ.update(KRB5_CONFIG=f"{self.state.folder}/krb5.conf", LDAPRC=f"{self.state.folder}/ldaprc")
            return
        if host not in known["hosts"]:
            raise NotFound(f"the practice network has no host {host}", hint=f"there are: {', '.join(known['hosts'])}")
        pid, since = known["hosts"][host]
        try:
            kernel.enter(pid, since, DESK if host == "admin" else HOST, keep_identity=host == "admin")
        except ProcessLookupError as error:
            raise LabDown(f"{host} is not running any more", hint="ops lab reset") from error
        except OSError as error:
            raise LabDown(f"{host} cannot be entered: {error.strerror}", hint="it belongs to another user") from error
        os.environ["KRB5_CONFIG"] = "/etc/krb5.conf"

    def shell(self, host: str, command: Sequence[str]) -> NoReturn:
        """Become a program on a host; a shell if none is named. Signals and exit code are its own."""
        self.enter(host)
        words = list(command) or [os.environ.get("SHELL", "/bin/bash") if host == "admin" else "/bin/bash"]
        environment = {"HOME": "/root", "USER": "root", "PATH": PATH, "TERM": os.environ.get("TERM", "dumb")}
        try:
            if host == "admin":
                os.execvp(words[0], words)  # noqa: S606  becoming the command is the point
            child = subprocess.Popen(words, cwd="/root", env=environment)
        except OSError as error:
            raise NotFound(f"{words[0]} cannot be run on {host}: {error.strerror}") from error
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise SystemExit(child.wait())


def _collect(heard: Messages) -> dict[str, list[int]]:
    """The hosts' pids as they come up; raise with the reason if one does not."""
    pids: dict[str, list[int]] = {}
    for message in heard:
        if "failed" in message:
            raise ApplyFailed(f"{message['host']} did not start: {message['failed']}", hint="ops doctor")
        if message.get("done"):
            return pids
        pids[message["host"]] = [message["ready"], message["since"]]
    raise ApplyFailed("the practice network ended while it was starting", hint="ops lab up again")


def packages() -> tuple[str, ...]:
    """All system packages any host can need."""
    from inventory.lab.host import registry

    return tuple(sorted({package for host in registry() for package in host.packages}))
