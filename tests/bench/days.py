"""A whole first and a whole last day, process start to exit, beside a shell script and an Ansible playbook.

All over directory, Linux server and file server. The peers do less: nothing is planned, read back, tried or recorded;
the script gives the directory no number, Ansible sets no password, and neither closes logon hours or tries a door.
Ansible's modules need any command as root, so on the hosts of this network the operator is allowed that for the time
of the benchmark.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from inventory.lab import Lab, Running
from inventory.lab.rights import ROLES, STAFF
from tests.bench.onboard import ANSIBLE, entering, install, secret
from tests.bench.stage import OPS, Figure, inside, network, paired, timed

ROUNDS, MANY = 3, 100
SSH = "-o BatchMode=yes -o UserKnownHostsFile={known} -i {key} apprentice1@"
FIRST_SH = """set -e
samba-tool user create {who} Bench-Horse-7712 --must-change-at-next-login --userou=OU=Staff {to} >/dev/null
samba-tool group addmembers role-it {who} {to} >/dev/null
ssh {ssh}srv1 "sudo -n useradd --no-create-home -u {uid} -U -s /bin/bash -p '*' {who}; \\
  sudo -n install -d -m 700 -o {uid} -g {uid} /home/{who} /home/{who}/.ssh; \\
  echo '{public}' | sudo -n install -m 600 -o {uid} -g {uid} /dev/stdin /home/{who}/.ssh/authorized_keys"
ssh {ssh}fs1 "sudo -n install -d -m 700 -o {uid} -g {uid} /srv/home/{who}"
"""
LAST_SH = """set -e
samba-tool user disable {who} {to} >/dev/null
samba-tool user setpassword {who} --newpassword=Bench-Horse-7713 {to} >/dev/null
samba-tool user setpassword {who} --newpassword=Bench-Horse-7714 {to} >/dev/null
samba-tool user setexpiry {who} --days=0 {to} >/dev/null
samba-tool group removemembers role-it {who} {to} >/dev/null
ssh {ssh}srv1 "sudo -n usermod -L -e 1 -s /usr/sbin/nologin {who}; sudo -n pkill -KILL -U {uid}; \\
  sudo -n rm -f /home/{who}/.ssh/authorized_keys; sudo -n crontab -r -u {who}; true"
ssh {ssh}fs1 "sudo -n tar --zstd --acls --xattrs -cf /srv/archive/{who}.tar.zst -C /srv/home {who}; \\
  sudo -n sha256sum /srv/archive/{who}.tar.zst; sudo -n chown 0:0 /srv/home/{who}; sudo -n chmod 700 /srv/home/{who}"
ssh {ssh}ws1 "getent passwd {who}; true"
samba-tool user move {who} OU=Leavers {to} >/dev/null
"""
PLAY = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    community.general.ldap_entry: {to}
    community.general.ldap_attrs: {to}
  tasks: {directory}
- hosts: srv1
  gather_facts: false
  become: true
  tasks: {server}
- hosts: fs1
  gather_facts: false
  become: true
  tasks: {files}
"""


class Peers:
    """What both peers need to know of the network."""

    def __init__(self, lab: Lab, running: Running, work: Path) -> None:
        self.lab, self.running, self.work = lab, running, work
        self.public = subprocess.run(
            ["ssh-keygen", "-yf", str(running.key_file("colleague"))], capture_output=True, text=True, check=True
        ).stdout.strip()
        for host in ("srv1", "fs1"):
            rule = "echo 'apprentice1 ALL=(root) NOPASSWD: ALL' >> /etc/sudoers"
            timed([*OPS, "lab", "shell", "--name", lab.name, host, "--", "sh", "-c", rule])

    def script(self, text: str, who: str, uid: int) -> float:
        """Run one of the shell scripts for somebody."""
        to = f"-H ldap://{self.running.controller} -U LAB/onboarding1%{secret(self.running)}"
        ssh = SSH.format(known=self.running.known_hosts, key=self.running.key_file("apprentice1"))
        whole = text.format(who=who, uid=uid, to=to, ssh=ssh, public=self.public)
        return timed([*inside(self.lab), "bash"], self.work, whole) - entering(self.lab)

    def play(self, tasks: dict[str, list[dict[str, object]]]) -> float:
        """Run a playbook with these tasks."""
        to = {"server_uri": f"ldaps://{self.running.controller}", "ca_path": str(self.running.ca_file)}
        to |= {"bind_pw": secret(self.running), "bind_dn": f"onboarding1@{self.running.domain}"}
        book, hosts = self.work / "days.yaml", self.work / "days.ini"
        book.write_text(PLAY.format(to=json.dumps(to), **{name: json.dumps(some) for name, some in tasks.items()}))
        common = f"-o UserKnownHostsFile={self.running.known_hosts}"
        settings = f"ansible_user=apprentice1 ansible_ssh_private_key_file={self.running.key_file('apprentice1')}"
        python = "ansible_python_interpreter=/usr/bin/python3"
        rows = [f"{host} {settings} {python} ansible_ssh_common_args='{common}'" for host in ("srv1", "fs1")]
        hosts.write_text("\n".join([f"localhost ansible_connection=local {python}", *rows]) + "\n")
        command = [str(ANSIBLE / "bin/ansible-playbook"), "-i", str(hosts), str(book)]
        return timed([*inside(self.lab), *command], self.work) - entering(self.lab)


def first_tasks(who: str, uid: int, public: str) -> dict[str, list[dict[str, object]]]:
    """Ansible's first day."""
    dn = f"CN={who},{STAFF}"
    attributes = {"sAMAccountName": who, "displayName": who, "userAccountControl": "514", "uidNumber": str(uid)}
    add = {"dn": dn, "objectClass": "user", "attributes": attributes}
    join = {"dn": f"CN=role-it,{ROLES}", "attributes": {"member": dn}}
    login = {"name": who, "uid": uid, "shell": "/bin/bash"}
    home = {"path": f"/srv/home/{who}", "state": "directory", "owner": uid, "group": uid, "mode": "0700"}
    return {
        "directory": [{"community.general.ldap_entry": add}, {"community.general.ldap_attrs": join}],
        "server": [{"ansible.builtin.user": login}, {"ansible.posix.authorized_key": {"user": who, "key": public}}],
        "files": [{"ansible.builtin.file": home}],
    }


def last_tasks(who: str, uid: int) -> dict[str, list[dict[str, object]]]:
    """Ansible's last day; it has no module for a password over LDAP, nor for a move."""
    dn, shut = f"CN={who},{STAFF}", {"userAccountControl": "514", "accountExpires": "133000000000000000"}
    close = {"dn": dn, "state": "exact", "attributes": shut}
    leave = {"dn": f"CN=role-it,{ROLES}", "state": "absent", "attributes": {"member": dn}}
    login = {"name": who, "password_lock": True, "expires": 86400, "shell": "/usr/sbin/nologin"}
    pack = f"tar --zstd --acls --xattrs -cf /srv/archive/{who}.tar.zst -C /srv/home {who}"
    home = {"path": f"/srv/home/{who}", "owner": "root", "group": "root", "mode": "0700"}
    forgiving: dict[str, object] = {"failed_when": False}
    return {
        "directory": [{"community.general.ldap_attrs": close}, {"community.general.ldap_attrs": leave}],
        "server": [
            {"ansible.builtin.user": login},
            {"ansible.builtin.command": f"pkill -KILL -U {uid}", **forgiving},
            {"ansible.builtin.file": {"path": f"/home/{who}/.ssh/authorized_keys", "state": "absent"}},
            {"ansible.builtin.command": f"crontab -r -u {who}", **forgiving},
        ],
        "files": [{"ansible.builtin.command": pack}, {"ansible.builtin.file": home}],
    }


def one_person(workspace: Path, peers: Peers) -> list[Figure]:
    """First and last day of one, in turns."""

    def ours_first(number: int) -> float:
        words = ["user", "onboard", "--given", "Day", "--family", f"Ops{number}", "--employee", f"D{number}"]
        more = ["--groups", "role-it", "--manager", "zmueller", "--ssh-key", peers.public, "--yes"]
        return timed([*OPS, *words, *more], workspace)

    def ours_last(number: int) -> float:
        return timed([*OPS, "user", "offboard", "--logon", f"day.ops{number}", "--yes"], workspace)

    def shell(text: str) -> Callable[[int], float]:
        return lambda number: peers.script(text, f"day.sh{number}", 40000 + number)

    def play_first(number: int) -> float:
        return peers.play(first_tasks(f"day.an{number}", 41000 + number, peers.public))

    def play_last(number: int) -> float:
        return peers.play(last_tasks(f"day.an{number}", 41000 + number))

    figures = []
    for name, acts in (
        ("first", (ours_first, shell(FIRST_SH), play_first)),
        ("last", (ours_last, shell(LAST_SH), play_last)),
    ):
        for act in acts:
            act(99)
        ours, script, play = map(median, paired(ROUNDS, *acts))
        what = f"a whole {name} day, read back, tried and recorded"
        for peer, spent in (("samba-tool and ssh", script), ("ansible", play)):
            said = f"{peer} {spent:.2f} s"
            figures.append(Figure(what, f"{ours:.2f} s", said, spent / ours, "above 1", ours < spent))
    return figures


def many(workspace: Path, peers: Peers) -> list[Figure]:
    """A hundred leavers from a file, beside ten by the script, per person."""
    head = "given,family,employee,groups,manager"
    rows = [f"Many,Leaver{n},M{n},role-it,zmueller" for n in range(MANY)]
    (workspace / "many.csv").write_text("\n".join([head, *rows]) + "\n")
    settings = workspace / "ops.toml"
    settings.write_text(settings.read_text().replace("[settings]", f'[settings]\nmost_leavers = "{MANY}"'))
    timed([*OPS, "user", "onboard", "--rows", "many.csv", "--yes"], workspace)
    listed = subprocess.run(
        [*OPS, "user", "show", "Leaver", "--json"], cwd=workspace, capture_output=True, text=True, check=True
    )
    logons = [one["logon_name"] for one in json.loads(listed.stdout)["people"] if one["name"].startswith("Many ")]
    (workspace / "gone.csv").write_text("\n".join(["logon", *logons]) + "\n")
    began = time.perf_counter()
    timed([*OPS, "user", "offboard", "--rows", "gone.csv", "--yes"], workspace)
    ours = (time.perf_counter() - began) / len(logons)
    for number in range(10):
        peers.script(FIRST_SH, f"many.sh{number}", 42000 + number)
    peer = median(peers.script(LAST_SH, f"many.sh{number}", 42000 + number) for number in range(10))
    what = f"{len(logons)} leavers from a file, each"
    return [Figure(what, f"{ours:.2f} s", f"samba-tool and ssh {peer:.2f} s", peer / ours, "above 1", ours < peer)]


def main() -> list[Figure]:
    install()
    with network() as (lab, running, workspace):
        peers = Peers(lab, running, workspace.parent)
        return [*one_person(workspace, peers), *many(workspace, peers)]
