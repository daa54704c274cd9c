"""One onboarding with five groups, process start to exit, beside samba-tool and Ansible doing (less than) the same."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from statistics import median

from inventory.lab import Lab, Running
from inventory.lab.rights import ROLES, STAFF
from tests.bench.stage import GROUPS, OPS, ROOT, Figure, directory_alone, inside, network, paired, timed

ROUNDS = 3
ANSIBLE = ROOT / ".bench/ansible"
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    community.general.ldap_entry: {to}
    community.general.ldap_attrs: {to}
  tasks:
    - community.general.ldap_entry:
        dn: {dn}
        objectClass: user
        attributes: {attributes}
    - community.general.ldap_attrs:
        dn: "CN={{{{ item }}}},{roles}"
        attributes: {{member: {dn}}}
      loop: {groups}
"""


def ops(workspace: Path, number: int) -> float:
    words = ["user", "onboard", "--given", "Bench", "--family", f"Ops{number}", "--employee", f"BO{number}"]
    return timed([*OPS, *words, "--groups", ",".join(GROUPS), "--yes"], workspace)


def secret(running: Running) -> str:
    return running.password_file("onboarding1").read_text().strip()


def samba_tool(lab: Lab, running: Running, work: Path, number: int) -> float:
    """Six processes: one creates and sets a password, five add a member."""
    logon = f"bench.samba{number}"
    to = ["-H", f"ldap://{running.controller}", "-U", f"LAB/onboarding1%{secret(running)}"]
    create = ["samba-tool", "user", "create", logon, "Bench-Horse-7712", "--must-change-at-next-login"]
    spent = timed([*inside(lab), *create, "--userou=OU=Staff", *to], work)
    for group in GROUPS:
        spent += timed([*inside(lab), "samba-tool", "group", "addmembers", group, logon, *to], work)
    return spent - 6 * entering(lab)


def entering(lab: Lab) -> float:
    """What entering the network costs the peer, and is taken off its time again."""
    return median(timed([*inside(lab), "true"]) for _ in range(3))


def ansible(lab: Lab, running: Running, work: Path, number: int) -> float:
    """One play with two tasks: the entry and its groups; no password, nothing read back, no record."""
    logon = f"bench.ansible{number}"
    to = {"server_uri": f"ldaps://{running.controller}", "ca_path": str(running.ca_file), "bind_pw": secret(running)}
    attributes = {"sAMAccountName": logon, "userPrincipalName": f"{logon}@{running.domain}", "displayName": logon}
    attributes |= {"givenName": "Bench", "sn": logon, "employeeID": f"BA{number}", "userAccountControl": "514"}
    values = {
        "to": json.dumps(to | {"bind_dn": f"onboarding1@{running.domain}"}),
        "dn": json.dumps(f"CN={logon},{STAFF}"),
        "attributes": json.dumps(attributes),
        "roles": ROLES,
        "groups": json.dumps(GROUPS),
    }
    book = work / "book.yaml"
    book.touch(mode=0o600)
    book.write_text(PLAYBOOK.format(**values))
    command = [str(ANSIBLE / "bin/ansible-playbook"), "-i", "localhost,", "-c", "local", str(book)]
    return timed([*inside(lab), *command], work, ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3") - entering(lab)


def install() -> None:
    """Ansible with its collections, once, in an environment of its own."""
    if not (ANSIBLE / "bin/ansible-playbook").exists():
        venv.create(ANSIBLE, with_pip=True)
        subprocess.run([str(ANSIBLE / "bin/pip"), "install", "-q", "ansible"], check=True, stdout=sys.stderr)


def main() -> list[Figure]:
    install()
    with network() as (lab, running, workspace):
        work = workspace.parent
        directory_alone(workspace)
        acts = (
            lambda number: ops(workspace, number),
            lambda number: samba_tool(lab, running, work, number),
            lambda number: ansible(lab, running, work, number),
        )
        for act in acts:  # the first of each pays for cold files
            act(99)
        ours, samba, play = map(median, paired(ROUNDS, *acts))
    what, mine = "one onboarding, five groups, record sealed", f"{ours:.2f} s"
    return [
        Figure(what, mine, f"6 × samba-tool {samba:.2f} s", samba / ours, "above 1", ours < samba),
        Figure(what, mine, f"ansible {play:.2f} s", play / ours, "above 1", ours < play),
    ]
