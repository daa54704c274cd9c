"""Where a practice network keeps its few files. The folder exists only while the network does."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from inventory.lab import kernel
from inventory.lab.host import Host, run
from inventory.lab.template import Template
from ops.errors import InvalidRequest, NotAuthorised
from ops.private import private_folder

DOORS = ("backup-write", "backup-read", "backup-add")  # the keys of backups, each for one thing
HELD = ("backup-read", "backup-add")  # those of them that operators have too: neither can take anything away
PEOPLE = ("apprentice1", "apprentice2", "colleague")  # who has an SSH key: two operators, and all others together
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def run_folder() -> Path:
    """Where the folders of running networks are."""
    usual = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", str(Path.home() / ".cache"))
    return Path(os.environ.get("LAB_RUN", usual)) / "journeyman/lab"


def cache_folder() -> Path:
    """Where templates and host keys are kept between networks."""
    usual = "/var/cache" if os.geteuid() == 0 else os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return Path(os.environ.get("LAB_CACHE", usual)) / "journeyman/lab"


class State:
    """One network's folder: lock, state.json, keys, secrets."""

    def __init__(self, name: str) -> None:
        if not NAME.fullmatch(name):
            raise InvalidRequest(
                f"{name} cannot be the name of a network", hint="use small letters, digits and hyphens"
            )
        self.name = name
        self.folder = run_folder() / name

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One command at a time."""
        private_folder(run_folder(), NotAuthorised)
        path = run_folder() / f".{self.name}.lock"
        with path.open("w") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)  # not flock: the anchor would inherit that and never let go
            try:
                yield
            finally:
                self._tidy(path)

    def _tidy(self, lock: Path) -> None:
        """A network that is gone leaves no lock behind either."""
        if not self.folder.exists():
            lock.unlink(missing_ok=True)
            with suppress(OSError):
                run_folder().rmdir()

    def read(self) -> dict[str, Any]:
        """What was last written; empty if nothing was."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "state.json").read_text())
        except (OSError, ValueError):
            return {}
        return found

    def write(self, **values: Any) -> None:
        """Replace what is known about the network."""
        new = self.folder / "state.json.new"
        new.write_text(json.dumps(values, indent=1))
        new.rename(self.folder / "state.json")

    def alive(self) -> dict[str, Any]:
        """What is known about a network that really runs; empty otherwise."""
        known = self.read()
        return known if known and kernel.started(known["anchor"]) == known["since"] else {}

    def prepare(self, hosts: Sequence[Host], template: Template) -> None:
        """Keys, CA, secrets and known hosts: what hosts and operator must agree on before anything starts."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for folder in (self.folder, self.folder / "hosts", self.folder / "keys", self.folder / "secrets"):
            private_folder(folder, NotAuthorised)
        keys = private_folder(cache_folder() / "keys", NotAuthorised)
        for host in hosts:
            _key(keys, host.name)
            shutil.copy(keys / host.name, self.folder / "keys" / host.name)
        for person in (*PEOPLE, *DOORS):
            _key(keys, person)
            shutil.copy(keys / f"{person}.pub", self.folder / "keys" / f"{person}.pub")
        for person in (*PEOPLE, *HELD):
            shutil.copy(keys / person, self.folder / "secrets" / f"{person}.key")
        for door in DOORS:
            shutil.copy(keys / door, self.folder / "keys" / door)
        shutil.copy(template.ca_file, self.folder / "ca.pem")
        for account, password in json.loads(template.passwords.read_text()).items():
            self.secret(account, password)
        signed_in_to = [host for host in hosts if host.trusted or host.settings is not None]
        (self.folder / "known_hosts").write_text("".join(_known(keys, host) for host in signed_in_to))

    def public_keys(self) -> dict[str, str]:
        """The keys people sign in with; after the start they are nowhere but on the hosts."""
        return {name: (self.folder / "keys" / f"{name}.pub").read_text() for name in (*PEOPLE, *DOORS)}

    def secret(self, account: str, password: str) -> None:
        """Keep a password where only this user can read it."""
        handle = os.open(self.folder / "secrets" / account, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(password + "\n")

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _key(keys: Path, name: str) -> None:
    """A host's key, made once and kept, so that trust survives a new network."""
    if (keys / name).exists():
        return
    with tempfile.TemporaryDirectory(dir=keys, prefix=".new") as new:
        run("ssh-keygen", "-qt", "ed25519", "-N", "", "-C", f"{name} (practice)", "-f", f"{new}/k")
        Path(new, "k.pub").rename(keys / f"{name}.pub")
        Path(new, "k").rename(keys / name)


def _known(keys: Path, host: Host) -> str:
    kind, key = (keys / f"{host.name}.pub").read_text().split()[:2]
    return f"{host.name},{host.fqdn},{host.address} {kind} {key}\n"
