"""Every host of the practice network is a machine of its own: name, address, users, packages, services and keys."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import pytest

from inventory.lab import Running
from inventory.lab.host import registry
from inventory.lab.services import ssh
from tests.lab.test_isolation import on

pytestmark = pytest.mark.lab
LINUX = ("fs1", "srv1", "ws1")
CONTROL = """Package: journeyman-{name}
Version: 1.0
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: a package made for a test
"""


@pytest.fixture(autouse=True)
def linux(network: Running) -> None:
    if not network.linux:
        pytest.skip(f"mode {network.mode} has no Linux hosts")


def run(network: Running, host: str, *words: str, check: bool = True) -> str:
    done = subprocess.run([*on(network, host), *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 or not check, done.stderr
    return done.stdout


def each(network: Running, *words: str, hosts: Sequence[str] = LINUX) -> list[str]:
    return [run(network, host, *words).strip() for host in hosts]


def test_each_has_a_name_an_address_and_a_card_of_its_own(network: Running) -> None:
    known = {host.name: host for host in registry()}
    assert each(network, "hostname") == list(LINUX)
    for host in LINUX:
        shown = run(network, host, "ip", "-brief", "addr", "show", "eth0") + run(network, host, "ip", "link")
        assert known[host].address in shown
        assert known[host].mac in shown
    assert len(set(each(network, "cat", "/etc/machine-id"))) == len(LINUX)
    assert len(set(each(network, "cat", "/etc/ssh/ssh_host_ed25519_key"))) == len(LINUX)


def test_names_lead_to_each_other_and_to_the_keys_that_are_known(network: Running) -> None:
    for host in LINUX:
        assert known_address(network, host) == run(network, "srv1", "getent", "hosts", f"{host}.lab.example").split()[0]
    assert set(LINUX) <= {line.split(",")[0] for line in network.known_hosts.read_text().splitlines()}


def known_address(network: Running, host: str) -> str:
    return network.hosts[host]


def test_accounts_are_each_hosts_own(network: Running) -> None:
    run(network, "srv1", "useradd", "only.here")
    try:
        assert "only.here" not in run(network, "ws1", "getent", "passwd")
        assert "only.here" in run(network, "srv1", "getent", "passwd")
    finally:
        run(network, "srv1", "userdel", "only.here")


def test_nothing_private_of_the_machine_shows_through(network: Running) -> None:
    for host in LINUX:
        assert run(network, host, "ls", "-A", "/root").strip() == ""
        people = [
            line for line in run(network, host, "getent", "shadow").splitlines() if line.split(":")[1].startswith("$")
        ]
        assert people == []
        assert "root" not in run(network, host, "sh", "-c", "ls /home")


def test_root_cannot_sign_in_and_operators_may_run_only_what_is_listed(network: Running) -> None:
    for host in LINUX:
        said = run(network, host, "/usr/sbin/sshd", "-T")
        assert "permitrootlogin no" in said
        assert "passwordauthentication no" in said
        lent = run(network, host, "sudo", "-l", "-U", "apprentice1")
        assert f"NOPASSWD: {', '.join(ssh.COMMANDS)}" in " ".join(lent.split())
        assert "ALL) NOPASSWD: ALL" not in lent
    lent = run(network, "dc1", "sudo", "-l", "-U", "apprentice1").partition("may run")[2]
    assert [line.strip() for line in lent.splitlines()[1:]] == [f"(root) NOPASSWD: {ssh.END_CONNECTIONS}"]


def test_a_package_is_installed_on_one_host_only(network: Running) -> None:
    if network.mode != "root":
        pytest.skip("packages need the machine's root")
    name = "journeyman-tried"
    control = CONTROL.format(name="tried")
    script = f"set -e; d=$(mktemp -d); mkdir -p $d/DEBIAN $d/usr/bin; printf '%s' '{control}' > $d/DEBIAN/control; "
    script += f"echo hello > $d/usr/bin/{name}; dpkg-deb --build $d $d.deb; dpkg -i $d.deb"
    run(network, "srv1", "sh", "-c", script)
    assert "install ok installed" in run(network, "srv1", "dpkg-query", "-W", "-f", "${Status}", name)
    assert run(network, "srv1", "cat", f"/usr/bin/{name}") == "hello\n"
    for host in ("fs1", "ws1"):
        assert "installed" not in run(network, host, "dpkg-query", "-W", "-f", "${Status}", name, check=False)
        assert run(network, host, "cat", f"/usr/bin/{name}", check=False) == ""
    outside = subprocess.run(["cat", f"/usr/bin/{name}"], capture_output=True, check=False)
    assert outside.returncode != 0


def test_cron_runs_what_a_crontab_says(network: Running) -> None:
    assert "cron" in run(network, "srv1", "ps", "-e", "-o", "comm=")
    assert run(network, "srv1", "crontab", "-l", "-u", "zmueller").startswith("30 6")
