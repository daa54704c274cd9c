"""A workspace on the practice network, and the command line as a person uses it: another process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence.identity import Identity
from inventory.create import Linux, Plan, create
from inventory.lab import Running
from inventory.load import load
from ops.adapters.ldap_connection import anchor
from tests.warm import run, usual


@dataclass(frozen=True)
class Result:
    """What a command left on the screen."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """Somebody's workspace."""

    folder: Path

    def ops(self, *words: str, **more: Any) -> Result:
        """Run ``ops`` there; from nothing only where more is said of its process than what it reads."""
        seconds = more.pop("timeout", 120)
        if more.keys() <= {"input"}:
            warm = run(words, self.folder, more.get("input", ""), seconds)
            return Result(warm.returncode, warm.stdout, warm.stderr)
        environment = usual() | more.pop("env", {})
        argv = [sys.executable, "-W", "error::ResourceWarning", "-m", "ops.cli.main", *words]
        done = subprocess.run(
            argv, cwd=self.folder, capture_output=True, text=True, timeout=seconds, env=environment, check=False, **more
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def onboard(self, given: str, family: str, employee: str, *more: str) -> Result:
        return self.ops("user", "onboard", "--given", given, "--family", family, "--employee", employee, "--yes", *more)

    def last_run(self) -> str:
        """The newest run."""
        return str(self.ops("run", "list", "--json").json["runs"][0]["run"])


def _linux(running: Running) -> Linux | None:
    account = "apprentice1"
    key = running.key_file(account)
    return (
        Linux(running.linux, account, f"key:{key}", running.known_hosts, running.first_uid) if running.linux else None
    )


def desk(folder: Path, running: Running, account: str = "apprentice1", **more: Any) -> Desk:
    """A workspace for one account. Tests stand inside the network already, so it enters nothing."""
    ca_file = more.pop("ca_file", running.ca_file)
    plan = Plan(
        kind="LAB",
        name=running.domain,
        host=more.pop("host", running.controller),
        account=f"{account}@{running.domain}",
        base=running.base,
        ca_file=ca_file,
        credential=more.pop("credential", f"file:{running.password_file(account)}"),
        anchors=(anchor(ca_file),),
        mail=running.domain,
        connect_to=more.pop("connect_to", running.connect_to),
        port=more.pop("port", 636),
        places=running.places,
        linux=_linux(running) if account.startswith("apprentice") else None,
        network="198.51.100.0/24" if running.hosts else "",
    )
    create(folder, plan)
    Identity.create(load(folder).state, account)
    return Desk(folder)


def bare(folder: Path, name: str = "amy") -> Desk:
    """A workspace with a ledger and nothing to work on, for what needs no network."""
    folder.mkdir(parents=True, exist_ok=True)
    text = 'schema = 1\n[environment]\nclass = "LAB"\nname = "lab.example"\n'
    folder.joinpath("ops.toml").write_text(text, encoding="utf-8")
    folder.joinpath("inventory").mkdir(exist_ok=True)
    folder.joinpath("inventory/hosts.yaml").write_text("{}\n", encoding="utf-8")
    Identity.create(folder / "state", name)
    return Desk(folder)
