"""The first and the last day over directory and hosts: what was alive before is dead or bounded after, and said so."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory.lab import Running
from ops.adapters.directory import Scramble
from ops.adapters.host import CLOSED, ONCE, Keys, Login
from ops.adapters.ldap import LdapDirectory, connect
from ops.adapters.ldap_connection import Address
from ops.errors import NotAuthorised
from ops.keeper import generated
from tests.network import ssh_host
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab
LATER = ("keys", "jobs", "queued", "linger", "processes")
BOSS = "zmueller"
COLLEAGUE = "colleague"


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    if not network.linux:
        pytest.skip(f"mode {network.mode} has no Linux hosts")
    return desk(tmp_path / "mine", network)


def key_of(network: Running, person: str) -> str:
    shown = subprocess.run(
        ["ssh-keygen", "-yf", str(network.key_file(person))], capture_output=True, text=True, check=True
    )
    return shown.stdout.strip()


def hired(at: Desk, network: Running, given: str, employee: str) -> str:
    """A starter with a login, a key and a home. First names are used once in all tests: they share one domain."""
    number, more = f"{given}{employee}"[:16], ("--manager", BOSS, "--ssh-key", key_of(network, COLLEAGUE))
    done = at.onboard(given, "Leaver", number, "--groups", "role-it", *more)
    assert done.code == 0, done.err
    return f"{given.lower()}.leaver"


def ssh(network: Running, who: str, *command: str, **more: Any) -> subprocess.Popen[str]:
    argv = ["ssh", "-i", str(network.key_file(COLLEAGUE)), "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
    known = ["-o", f"UserKnownHostsFile={network.known_hosts}", "-o", "StrictHostKeyChecking=yes"]
    where = f"{who}@srv1.{network.domain}"
    return subprocess.Popen(
        [*argv, *known, where, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )


def lets_in(network: Running, who: str) -> bool:
    running = ssh(network, who, "true", stdin=subprocess.DEVNULL)
    running.communicate(timeout=20)
    return running.returncode == 0


@pytest.fixture
def session(mine: Desk, network: Running) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Somebody hired, who sits in a session on a server, with jobs that run later in every way there is."""
    who = hired(mine, network, "Sess", "L1")
    inside(network, "srv1", "touch", f"/var/lib/systemd/linger/{who}")
    stays = "echo '1 1 * * * true' | crontab -; echo true | at now + 2 days 2>/dev/null; echo in; exec sleep 60"
    with ssh(network, who, stays, stdin=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "in\n", running.communicate(timeout=20)
        yield who, running
        running.kill()


def test_the_first_day_gives_a_login_a_home_and_a_key_that_opens_it(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "First", "L0")
    assert lets_in(network, who)
    shown = mine.ops("host", "show", "srv1", "--login", who, "--json").json
    assert (shown["locked"], shown["expires"], shown["home"]) == ("no", "never", f"/home/{who}")
    with ssh_host(network, "fs1") as files:
        home = files.read(f"folder:/srv/home/{who}")
        assert (home["owner"], home["mode"]) == (shown["uid"], "700")
    record = mine.ops("evidence", "show", "last", "--json").json
    proofs = [step["proof"] for step in record["steps"] if "proof" in step]
    assert {"written_and_deleted_as_owner": True} in proofs
    again = mine.ops(
        "user",
        "onboard",
        "--given",
        "First",
        "--family",
        "Leaver",
        "--employee",
        "FirstL0",
        "--groups",
        "role-it",
        "--check",
    )
    assert again.code == 0, again.out


def test_a_first_day_is_taken_back_whole(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Whole", "L12")
    undone = mine.ops("run", "undo", "last", "--yes")
    assert undone.code == 0, undone.err
    with ssh_host(network, "srv1") as server, ssh_host(network, "fs1") as files:
        assert (server.read(f"login:{who}"), server.read(f"folder:/home/{who}")) == (None, None)
        assert files.read(f"folder:/srv/home/{who}") is None
    assert mine.ops("account", "show", who).code == 1


def test_a_first_day_somebody_has_used_is_closed_and_not_deleted(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Used", "L13")
    with ssh(network, who, "echo mine > letter", stdin=subprocess.DEVNULL) as writing:
        assert writing.wait(20) == 0
    undone = mine.ops("run", "undo", "last", "--yes")
    assert undone.code == 0, undone.err
    with ssh_host(network, "srv1") as server:
        assert {k: v for k, v in server.read(f"folder:/home/{who}").items() if k in CLOSED} == CLOSED


def test_a_session_alive_before_the_cut_is_dead_after_it_and_no_key_opens_the_door(
    session: tuple[str, subprocess.Popen[str]], mine: Desk, network: Running
) -> None:
    who, running = session
    assert running.poll() is None
    with ssh_host(network, "srv1") as server:
        assert [server.read(f"{kind}:{who}") for kind in ("queued", "linger")] == [{"queued": "1"}, {"linger": "yes"}]
    done = mine.ops("user", "offboard", "--logon", who, "--yes", "--json")
    assert done.code == 0, done.err
    running.wait(timeout=10)
    assert not lets_in(network, who)
    with ssh_host(network, "srv1") as server:
        assert server.read(f"login:{who}")["expires"] == ONCE
        assert [server.read(f"{kind}:{who}") for kind in LATER] == [None] * len(LATER)
    looked, backups = done.json["afterwards"]
    assert {one["verdict"] for one in backups["findings"]} == {"UNKNOWN"}
    assert "there is no inventory/backups.yaml" in backups["findings"][0]["because"]
    by_way = {finding["rule"]: finding for finding in looked["findings"]}
    assert by_way["SSH to srv1"]["verdict"] == by_way["sessions on srv1"]["verdict"] == "PASS"
    assert by_way["password over LDAP"]["verdict"] == "PASS"
    assert by_way["service tickets given before"]["verdict"] == "WARN"
    assert "until 20" in by_way["service tickets given before"]["because"]
    assert by_way["LDAP connections opened before on dc1-host"]["verdict"] == "PASS"
    again = mine.ops("user", "offboard", "--logon", who, "--check")
    assert again.code == 0, again.out


def inside(network: Running, host: str, *words: str, stdin: str = "") -> str:
    """What a program said on a host, as its root."""
    state = json.loads((network.folder / "state.json").read_text())
    into = ["nsenter", "-t", str(state["hosts"][host][0]), "-m", "-p", "-r", "-w", "--"]
    return subprocess.run([*into, *words], input=stdin, text=True, capture_output=True, check=True, timeout=20).stdout


def test_all_of_a_leaving_is_taken_back_but_passwords_and_sessions(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Back", "L2")
    before = mine.ops("account", "show", who, "--json").json
    left = mine.ops("user", "offboard", "--logon", who, "--yes")
    assert left.code == 0, left.err
    back = mine.ops("run", "undo", mine_offboard(mine), "--yes")
    assert back.code == 0, back.err
    assert "two random passwords" in back.err
    after = mine.ops("account", "show", who, "--json").json
    for name in ("enabled", "dn", "groups"):
        assert after[name] == before[name]
    assert lets_in(network, who)
    with ssh_host(network, "fs1") as files:
        assert files.read(f"folder:/srv/home/{who}")["mode"] == "700"
        assert files.read(f"archive:/srv/archive/{who}.tar.zst") is None
        assert files.read(f"folder:/srv/handed-over/{who}") is None


def mine_offboard(at: Desk) -> str:
    rows = at.ops("run", "list", "--json").json["runs"]
    return next(row["run"] for row in rows if row["what"] == "Somebody leaves")


class TestOldPassword:
    """What the leaver knew, after one new password and after two."""

    def answers(self, network: Running, account: str, password: Any) -> str:
        address = Address(
            network.controller, network.ca_file, f"{account}@{network.domain}", connect_to=network.connect_to
        )
        try:
            with connect(address, network.base, network.places, password):
                return "open"
        except NotAuthorised as error:
            return str(error)

    def known(self, samba: LdapDirectory, logon: str) -> Any:
        """An enabled account whose password we know, as its owner would."""
        user = samba.account(logon)
        secret = generated()
        samba.set_password(user.ref, user.get("pwdLastSet"), secret, False)
        return secret

    def test_one_reset_leaves_the_old_password_good_and_two_do_not(
        self, mine: Desk, network: Running, samba: LdapDirectory
    ) -> None:
        who = hired(mine, network, "Twice", "L3")
        old = self.known(samba, who)
        assert self.answers(network, who, old) == "open"
        user = samba.account(who)
        samba.set_password(user.ref, user.get("pwdLastSet"), generated(), False)
        assert self.answers(network, who, old) == "open", "one reset would be enough on this server"
        user = samba.account(who)
        writes = samba.password_writes(user.ref)
        Scramble(user.ref, user.get("pwdLastSet"), generated(), writes).apply(samba)
        assert "wrong" in self.answers(network, who, old)
        assert samba.password_writes(user.ref) == writes + 2

    def test_after_leaving_the_old_password_is_wrong_and_not_only_disabled(
        self, mine: Desk, network: Running, samba: LdapDirectory
    ) -> None:
        who = hired(mine, network, "Wrong", "L4")
        old = self.known(samba, who)
        assert mine.ops("user", "offboard", "--logon", who, "--yes").code == 0
        assert "wrong" in self.answers(network, who, old)
        record = mine.ops("evidence", "show", mine_offboard(mine), "--json").json
        proofs = [step["proof"] for step in record["steps"] if "password_writes" in step.get("proof", {})]
        assert [(proof["password_writes"], proof["sign_in"]["ldap"]) for proof in proofs] == [(2, "533")]


def test_locking_alone_leaves_a_key_that_opens(mine: Desk, network: Running) -> None:
    """Why closing a login is more than a lock; the probe sees the difference."""
    who = hired(mine, network, "Lock", "L5")
    with ssh_host(network, "srv1") as server:
        Login(f"login:{who}", {"locked": "no"}, {"locked": "yes"}).apply(server)
        assert lets_in(network, who)
        assert server.read(f"door:{who}") == {"ssh": "open"}
        Login(f"login:{who}", {"expires": "never"}, {"expires": ONCE}).apply(server)
        assert not lets_in(network, who)
        assert server.read(f"door:{who}") == {"ssh": "refused"}


def test_the_trial_of_a_door_leaves_no_key_behind(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Trace", "L6")
    with ssh_host(network, "srv1") as server:
        keys = server.read(f"keys:{who}")
        Login(f"login:{who}", {"expires": "never"}, {"expires": ONCE}).apply(server)
        assert server.read(f"door:{who}") == {"ssh": "refused"}
        assert server.read(f"keys:{who}") == keys


def test_a_link_in_a_home_leads_nowhere_its_owner_could_not_go(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Link", "L7")
    trap = ssh(network, who, "mv .ssh gone && ln -s /root .ssh && echo done", stdin=subprocess.DEVNULL)
    assert trap.communicate(timeout=20)[0] == "done\n"
    with ssh_host(network, "srv1") as server:
        assert server.read(f"keys:{who}") is None
        with pytest.raises(Exception, match="the keys of"):
            Keys(f"keys:{who}", None, {f"/home/{who}/.ssh/authorized_keys": "ssh-ed25519 AAAA x\n"}).apply(server)
        assert server.read("folder:/root")["state"].startswith("0 entries")


def test_an_archive_holds_odd_names_and_access_lists_and_is_proved(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Odd", "L8")
    names = ["plain", "two words", "-rf", "ünï", "new\nline", "\x1b[31mred", "$(reboot)"]
    state = json.loads((network.folder / "state.json").read_text())
    into = ["nsenter", "-t", str(state["hosts"]["fs1"][0]), "-m", "-p", "-r", "-w", "--"]
    home = f"/srv/home/{who}"
    for name in names:
        subprocess.run([*into, "tee", f"{home}/{name}"], input=b"x" * 100, check=True, capture_output=True)
    subprocess.run([*into, "ln", "-s", "/etc/shadow", f"{home}/link"], check=True)
    subprocess.run([*into, "setfacl", "-m", "u:10003:r", f"{home}/plain"], check=True)
    done = mine.ops("user", "offboard", "--logon", who, "--yes")
    assert done.code == 0, done.err
    listed = subprocess.run(
        [*into, "tar", "--zstd", "-tf", f"/srv/archive/{who}.tar.zst"], capture_output=True, check=True
    )
    assert len(listed.stdout.splitlines()) == len(names) + 2
    with ssh_host(network, "fs1") as files:
        note = files.read(f"archive:/srv/archive/{who}.tar.zst")
        assert note["tested"] == "a file came out as it went in"
        assert {k: v for k, v in files.read(f"folder:{home}").items() if k in CLOSED} == CLOSED
        handed = files.read(f"folder:/srv/handed-over/{who}")
        assert (handed["owner"], handed["mode"]) == ("10001", "500")


def test_a_server_that_is_gone_is_said_and_done_when_it_is_back(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Gone", "L9")
    hosts = mine.folder / "inventory/hosts.yaml"
    text = hosts.read_text()
    away = "    connect_to: 198.51.100.99\n    accounts_for: [role-it, "
    hosts.write_text(text.replace("    accounts_for: [role-it, ", away))
    done = mine.ops("user", "offboard", "--logon", who, "--yes")
    assert done.code == 5, done.err
    assert "login@srv1" in done.out
    assert "NOT LOOKED AT" in done.out
    assert lets_in(network, who)
    hosts.write_text(text)
    rest = mine.ops("user", "offboard", "--logon", who, "--yes")
    assert rest.code == 0, rest.err
    assert not lets_in(network, who)


def test_a_hundred_megabytes_are_packed_without_being_read_into_memory(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Large", "L10")
    state = json.loads((network.folder / "state.json").read_text())
    into = ["nsenter", "-t", str(state["hosts"]["fs1"][0]), "-m", "-p", "-r", "-w", "--"]
    subprocess.run([*into, "btrfs", "qgroup", "limit", "none", f"/srv/home/{who}"], check=False, capture_output=True)
    subprocess.run([*into, "fallocate", "-l", "100M", f"/srv/home/{who}/large"], check=True)
    began = time.monotonic()
    done = mine.ops("user", "offboard", "--logon", who, "--yes")
    assert done.code == 0, done.err
    print(f"100 MB packed, compared and handed over in {time.monotonic() - began:.1f} s")
