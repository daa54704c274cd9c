"""Making a workspace for a real network: each answer is tested before the next is asked."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from getpass import getpass, getuser
from pathlib import Path
from typing import Any

import click

from evidence.identity import FILE as IDENTITY
from evidence.identity import Identity, own_name, writable
from inventory.create import Plan, create, create_for_evidence
from inventory.load import FILE, load
from inventory.model import Workspace
from ops.adapters.credentials import NotInKeyring, resolve, store
from ops.adapters.ldap_connection import Address, anchor
from ops.cli.show import NAMES
from ops.cli.table import hung
from ops.cli.terminal import plain
from ops.errors import InvalidRequest, NotFound, OpsError
from ops.keeper import Keeper
from ops.params import parse_slot
from ops.secret import Secret

LABEL, NEXT = 13, 8  # how far the second line of one goes in
ANYWHERE = ("--folder", "--no-input")
KEY = ("--name", "--role", "--passphrase-from")  # what a key can still be given in a workspace that has none


@dataclass(frozen=True)
class Answers:
    """What was given as options; ``ask`` asks for the rest, or fails."""

    folder: Path
    domain: str
    controller: str
    ca_file: Path | None
    ask: Callable[[str, str], str]
    account: str
    credential: str
    staff: str
    leavers: str
    service: str
    kind: str
    passphrase_from: str
    role: str = "person"
    name: str = ""
    evidence_only: bool = False


def start(given: Answers, options: Sequence[str] = ()) -> None:
    """Make what is missing, and say the fingerprint. ``options`` are those that were written."""
    folder = given.folder.resolve()
    if (folder / FILE).exists() and _there_already(load(folder), options):
        return
    writable(given.name)
    passphrase = _passphrase(given.passphrase_from)
    if given.evidence_only:
        create_for_evidence(folder, given.kind if "--class" in options else "LAB")
    elif not (folder / FILE).exists():
        try:
            plan = _answered(given)
            _tested(plan, folder)
        except OpsError:
            _said("nothing was made; what you answered so far can be given as options", 2)
            raise
        create(folder, plan)
    identity = Identity.create(load(folder).state, given.name or own_name(), passphrase, given.role)
    identity.signer(passphrase)
    click.echo(f"workspace    {folder}", err=True)
    click.echo(f"signing key  {identity.fingerprint}", err=True)
    if not identity.protected:
        _said("             without a passphrase: whoever can read your files can sign as you", LABEL)
    if given.evidence_only:
        told = "print your card for the IT lead: ops signers card; then: ops help mentors, backups or estate"
        _said(f"  next: {told}", NEXT)
        return
    _said("  next: hand this fingerprint to your mentor in person, then: ops doctor", NEXT)


def _said(line: str, indent: int) -> None:
    click.echo(hung(line, indent, sys.stderr), err=True)


def _there_already(workspace: Workspace, options: Sequence[str]) -> bool:
    """Whether a workspace lacks nothing; then say what it is. Refuse options that could no longer be heeded."""
    whole = (workspace.state / IDENTITY).exists()
    if unheard := sorted(set(options) - {*ANYWHERE, *(() if whole else KEY)}):
        said = f"{workspace.folder} is a workspace already; {', '.join(unheard)} would change nothing"
        raise InvalidRequest(said, hint="ops config show says what is in it; a new one goes elsewhere: --folder")
    for line in _contents(workspace) if whole else ():
        _said(line, LABEL)
    return whole


def _contents(workspace: Workspace) -> Iterator[str]:
    """What a workspace is for, and whose."""
    environment, targets = workspace.environment, workspace.targets.values()
    yield f"there is a workspace already; nothing was changed: {workspace.folder}"
    if targets:
        yield f"where        {NAMES[environment.kind]} {plain(environment.name)}"
    yield f"works on     {', '.join(f'{one.name} ({one.kind})' for one in targets) or 'nothing: evidence only'}"
    yield f"signing key  {Identity.load(workspace.state).fingerprint}"
    yield "  next: ops doctor; a new workspace goes elsewhere: ops init --folder FOLDER"


def _answered(given: Answers) -> Plan:
    domain = given.domain or given.ask("Name of the domain", "lab.school.example")
    base = ",".join(f"DC={part}" for part in domain.split("."))
    controller = given.controller or given.ask("Full name of a domain controller", f"dc1.{domain}")
    _resolves(controller)
    ca_file = given.ca_file or Path(given.ask("File with its certificate authority (PEM)", "ca.pem"))
    if not ca_file.is_file():
        raise NotFound(f"there is no file {ca_file}", hint="ask for the domain's CA certificate in PEM form")
    account = given.account or given.ask("Your delegated account", f"{getuser()}@{domain}")
    credential = given.credential or given.ask("Its password: keyring, prompt, kerberos or file:PATH", "prompt")
    places = {
        "staff": given.staff or given.ask("Unit of the staff", f"OU=Staff,{base}"),
        "leavers": given.leavers or given.ask("Unit of the leavers", f"OU=Leavers,{base}"),
        "service": given.service or given.ask("Unit of service accounts", f"OU=Service,{base}"),
    }
    anchors = (anchor(ca_file),)
    return Plan(given.kind, domain, controller, account, base, ca_file, credential, anchors, "", domain, places=places)


def _resolves(host: str) -> None:
    try:
        socket.getaddrinfo(host, 636, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotFound(f"no server is known by the name {host}", hint="check the name and DNS") from error


def _tested(plan: Plan, folder: Path) -> None:
    """Sign in and look at every place, before anything is written."""
    from ops.adapters.ldap import connect

    secret = _password(plan, folder)
    address = Address(plan.host, plan.ca_file, plan.account, plan.port, plan.connect_to, plan.credential == "kerberos")
    with ExitStack() as stack:
        directory: Any = stack.enter_context(connect(address, plan.base, plan.places, secret))
        _said(f"  signed in as {plan.account}, certificate verified", 4)
        for role, dn in plan.places.items():
            rights = directory.rights_on(dn)
            if rights is None:
                raise NotFound(f"there is no unit {dn} for {role}", hint=f"give the right one with --{role}")
            may = "may create people" if "user" in rights else "may not create people"
            _said(f"  {role}: {dn}, your account {may}", 4)


def _password(plan: Plan, folder: Path) -> Secret | None:
    """What the reference leads to; a keyring that has no password yet is given one, if somebody can be asked."""
    try:
        return resolve(plan.credential, plan.account, folder)
    except NotInKeyring:
        if not sys.stdin.isatty():
            raise
    store(plan.account, Secret(getpass(f"Password of {plan.account}, for the keyring: ")))
    return resolve(plan.credential, plan.account, folder)


def _passphrase(source: str) -> Secret | None:
    if not source:
        return None
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)  # noqa: PTH101
        try:
            return Keeper(Path(folder)).fill("passphrase", parse_slot(source))
        except OpsError as error:
            raise InvalidRequest(f"the passphrase: {error}", hint=error.hint) from error
