"""Making a workspace: a folder with settings and an inventory that a person can read and change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inventory.load import FILE
from ops.errors import InvalidRequest

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
"""
HOSTS = """# One entry for each machine or service, in the form Nornir's SimpleInventory uses.
dc1:
  hostname: {host}
  port: "{port}"
  groups: [directory]
"""
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
"""


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


def create(folder: Path, plan: Plan) -> None:
    """Write a workspace; one that is there already is never overwritten."""
    if (folder / FILE).exists():
        raise InvalidRequest(f"{folder} is a workspace already", hint="use it, or name another folder")
    try:
        (folder / "inventory").mkdir(parents=True, exist_ok=True)
        (folder / "playbooks").mkdir(exist_ok=True)
        shutil.copyfile(plan.ca_file, folder / "ca.pem")
        for name, text in _files(plan).items():
            (folder / name).write_text(text, encoding="utf-8")
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
    )
    return {
        "inventory/hosts.yaml": HOSTS.format(host=plan.host, port=plan.port),
        "inventory/groups.yaml": groups,
        FILE: OPS_TOML.format(kind=plan.kind, name=plan.name, lab=plan.lab, anchors=anchors, mail=plan.mail),
    }
