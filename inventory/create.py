"""Making a workspace: a folder with settings and an inventory that a person can read and change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inventory.load import FILE
from ops.errors import InvalidRequest

KNOWN_HOSTS = "known_hosts"  # keys of hosts that somebody has confirmed; the format of sshd(8)
OPS_TOML = """# A workspace of Journeyman: where to work, and what counts. ops help workspace explains every line.
schema = 1

[environment]
class = "{kind}"              # LAB, STAGING or PRODUCTION
name = "{name}"
lab = "{lab}"                    # the practice network to enter; empty for a real one
anchors = [{anchors}]

[approve]                       # who must sign a plan before it is applied
reversible = "nobody"
irreversible = "nobody"

[require]                       # what every change must be given
ticket = false
reason = false

[settings]
name_pattern = "{{given}}.{{family}}"
mail_domain = "{mail}"
first_uid = "{first_uid}"                  # people get numbers for Linux from here on; empty for none
"""
HOSTS = """# One entry for each machine or service, in the form Nornir's SimpleInventory uses.
dc1:
  hostname: {host}
  port: "{port}"
  groups: [directory]
{hosts}"""
GROUPS = """# What hosts have in common. Credentials are references, never passwords:
# file:PATH, keyring, prompt or kerberos.
directory:
  username: {account}
  data:
    kind: directory
    base: {base}
    ca_file: {ca_file}
    credential: "{credential}"
{connect}    places:
{places}
{linux}"""
LINUX = """linux:
  username: {account}
  data:
    kind: host
    credential: "{credential}"
"""


SITES = """# The networks that are yours. Only these are ever swept; ops help estate tells what each word means.
{networks}"""
NO_NETWORK = """networks: []
# networks:
#   - cidr: 192.0.2.0/24
#     purpose: corp               # corp, guest, iot, servers or management
#     site: Leith
#     name: office
"""


@dataclass(frozen=True)
class Linux:
    """The Linux hosts of a new workspace: name → full name and settings; how to sign in; the keys they showed."""

    hosts: Mapping[str, tuple[str, Mapping[str, Any]]]
    account: str
    credential: str
    known_hosts: Path
    first_uid: int


@dataclass(frozen=True)
class Plan:
    """What a new workspace is to say. ``places`` maps staff, leavers, service, groups, roles to DNs."""

    kind: str
    name: str
    host: str
    account: str
    base: str
    ca_file: Path
    credential: str
    anchors: tuple[str, ...] = ()
    lab: str = ""
    mail: str = ""
    connect_to: str = ""
    port: int = 636
    places: Mapping[str, str] = field(default_factory=dict)
    linux: Linux | None = None
    network: str = ""  # in CIDR notation: what may be swept


def create(folder: Path, plan: Plan) -> None:
    """Write a workspace; one that is there already is never overwritten."""
    if (folder / FILE).exists():
        raise InvalidRequest(f"{folder} is a workspace already", hint="use it, or name another folder")
    try:
        (folder / "inventory").mkdir(parents=True, exist_ok=True)
        (folder / "playbooks").mkdir(exist_ok=True)
        shutil.copyfile(plan.ca_file, folder / "ca.pem")
        if plan.linux:
            shutil.copyfile(plan.linux.known_hosts, folder / KNOWN_HOSTS)
        for name, text in _files(plan).items():
            (folder / name).write_text(text, encoding="utf-8")
        os.chmod(folder, 0o700)  # noqa: PTH101  the folder itself, not what a link points to
    except OSError as error:
        raise InvalidRequest(f"{folder} cannot be made: {error.strerror}", hint="choose another folder") from error


EVIDENCE_ONLY = """\
schema = 1

[environment]
class = "{kind}"        # LAB for records, reviews and keys; PRODUCTION where real backups or assets are looked after
name = "evidence"

[settings]
"""


def create_for_evidence(folder: Path, kind: str = "LAB") -> None:
    """Write a workspace that has no network to work on: for a mentor, an IT lead, or backups and a register alone."""
    if (folder / FILE).exists():
        raise InvalidRequest(f"{folder} is a workspace already", hint="use it, or name another folder")
    try:
        (folder / "inventory").mkdir(parents=True, exist_ok=True)
        (folder / "inventory/hosts.yaml").write_text("{}\n", encoding="utf-8")
        (folder / "inventory/sites.yaml").write_text(SITES.format(networks=NO_NETWORK), encoding="utf-8")
        (folder / FILE).write_text(EVIDENCE_ONLY.format(kind=kind), encoding="utf-8")
        os.chmod(folder, 0o700)  # noqa: PTH101  the folder itself, not what a link points to
    except OSError as error:
        raise InvalidRequest(f"{folder} cannot be made: {error.strerror}", hint="choose another folder") from error


def _files(plan: Plan) -> dict[str, str]:
    anchors = ", ".join(f'"{anchor}"' for anchor in plan.anchors)
    places = "\n".join(f"      {role}: {dn}" for role, dn in plan.places.items())
    connect = f"    connect_to: {plan.connect_to}\n" if plan.connect_to else ""
    groups = GROUPS.format(
        account=plan.account,
        base=plan.base,
        ca_file="ca.pem",
        credential=plan.credential,
        connect=connect,
        places=places,
        linux=LINUX.format(account=plan.linux.account, credential=plan.linux.credential) if plan.linux else "",
    )
    first_uid = plan.linux.first_uid if plan.linux else ""
    toml = {"kind": plan.kind, "name": plan.name, "lab": plan.lab, "anchors": anchors, "mail": plan.mail}
    return {
        "inventory/hosts.yaml": HOSTS.format(host=plan.host, port=plan.port, hosts=_hosts(plan.linux)),
        "inventory/groups.yaml": groups,
        "inventory/sites.yaml": SITES.format(networks=_networks(plan)),
        FILE: OPS_TOML.format(first_uid=first_uid, **toml),
    }


def _networks(plan: Plan) -> str:
    if not plan.network:
        return NO_NETWORK
    return (
        f"networks:\n  - cidr: {plan.network}\n    purpose: corp\n    site: Practice\n    name: {plan.lab or 'lab'}\n"
    )


def _hosts(linux: Linux | None) -> str:
    """The entries of the Linux hosts."""
    text = ""
    for name, (full_name, settings) in linux.hosts.items() if linux else ():
        text += f"{name}:\n  hostname: {full_name}\n  groups: [linux]\n"
        text += "  data:\n" if settings else ""
        for key, value in settings.items():
            said = f"[{', '.join(value)}]" if isinstance(value, list | tuple) else value
            text += f"    {key}: {said}\n"
    return text
