"""Signing in to hosts: only to the one whose key was confirmed, never for ever, and never with more than was lent."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from inventory.lab import Running
from inventory.lab.services.ssh import END_CONNECTIONS
from ops.adapters import ssh
from ops.adapters.host import Login, Machine
from ops.adapters.host_guards import Personal
from ops.errors import NotAuthorised, OutcomeUnknown, Refused, Unreachable
from tests.company import ROOT
from tests.network import ssh_host
from tests.sshd import server
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    if not network.linux:
        pytest.skip(f"mode {network.mode} has no Linux hosts")
    return desk(tmp_path / "mine", network)


def door(network: Running, port: int, known: Path, **more: Any) -> ssh.Door:
    return ssh.Door("127.0.0.1", "apprentice1", known, network.key_file("apprentice1"), port, **more)


class Wire:
    """Passes bytes on and keeps what the client sent."""

    def __init__(self, to: int) -> None:
        self._to, self.sent = to, bytearray()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with self._listener:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
        upstream = socket.create_connection(("127.0.0.1", self._to))
        threading.Thread(target=self._pump, args=(upstream, client, None), daemon=True).start()
        self._pump(client, upstream, self.sent)

    def close(self) -> None:
        """Nobody came."""
        self._listener.close()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket, kept: bytearray | None) -> None:
        try:
            while piece := source.recv(65536):
                if kept is not None:
                    kept += piece
                sink.sendall(piece)
        except OSError:
            return
        finally:
            sink.close()


def test_an_unknown_host_is_refused_before_anything_is_sent(network: Running, tmp_path: Path) -> None:
    with server(tmp_path / "s") as (port, _):
        with closing(Wire(port)) as wire:
            nobody = door(network, wire.port, tmp_path / "none")
            with pytest.raises(ssh.UnknownHost, match="nobody has confirmed"), ssh.connect(nobody, Machine("x")):
                pass
        assert bytes(wire.sent) == b""


def test_a_changed_key_stops_before_a_credential_is_sent(network: Running, tmp_path: Path) -> None:
    """The refusal comes in the key exchange: the name of our account, let alone a signature, never leaves."""
    with server(tmp_path / "old") as (port, known), server(tmp_path / "new") as (other, _):
        known.write_text(known.read_text().replace(str(port), str(other)))
        wire = Wire(other)
        known.write_text(known.read_text().replace(f":{other}", f":{wire.port}"))
        with pytest.raises(ssh.HostChanged) as caught, ssh.connect(door(network, wire.port, known), Machine("x")):
            pass
        assert caught.value.exit_code == 6
        assert "nothing was sent to it" in str(caught.value)
        assert b"apprentice1" not in wire.sent
        assert len(wire.sent) < 4000


def test_the_command_line_stops_at_a_changed_key_with_exit_6(mine: Desk, network: Running) -> None:
    known = mine.folder / "known_hosts"
    text = known.read_text().splitlines(keepends=True)
    fs1, srv1 = (next(line for line in text if line.startswith(name)) for name in ("fs1", "srv1"))
    swapped = srv1.split(" ")[0] + " " + fs1.partition(" ")[2]
    known.write_text("".join(swapped if line == srv1 else line for line in text))
    said = mine.ops("host", "show", "srv1", "--login", "nobody")
    assert (said.code, "shows the key" in said.err) == (6, True), said.err


def test_a_server_with_old_methods_only_is_said_in_plain_words(network: Running, tmp_path: Path) -> None:
    kex, host_key = "KexAlgorithms=diffie-hellman-group14-sha1", "HostKeyAlgorithms=ssh-rsa"
    for setting, kind in ((kex, "ed25519"), (host_key, "rsa")):
        with (
            server(tmp_path / kind, setting, kind=kind) as (port, known),
            pytest.raises(Unreachable, match="no longer safe"),
            ssh.connect(door(network, port, known), Machine("x")),
        ):
            pass


def test_a_key_that_opens_nothing_is_said(network: Running) -> None:
    settings = {"known_hosts": network.known_hosts, "key_file": network.key_file("colleague")}
    with pytest.raises(NotAuthorised, match="does not let apprentice1 in"), ssh_host(network, "srv1", **settings):
        pass


def test_a_key_others_can_read_is_not_used(network: Running, tmp_path: Path) -> None:
    copy = tmp_path / "key"
    copy.write_bytes(network.key_file("apprentice1").read_bytes())
    copy.chmod(0o644)
    with pytest.raises(NotAuthorised, match="read by others"), ssh_host(network, "srv1", key_file=copy):
        pass


def test_what_the_account_may_not_run_is_said_as_that(network: Running) -> None:
    with ssh_host(network, "srv1") as host:
        refused = host._shell.run(["id"])
        assert refused.error.startswith("sudo:")
        fields = {"uid": "29999", "gid": "29999", "comment": "x", "home": "/home/x", "shell": "/bin/sh"}
    with ssh_host(network, "srv1") as host:
        host._shell._sudo = ("sudo", "-n", "-u", "daemon", "--")
        with pytest.raises(NotAuthorised, match="may not do this"):
            Login("login:xx.x", None, fields).apply(host)


def test_a_port_that_is_closed_and_one_that_says_nothing_end_soon(network: Running, tmp_path: Path) -> None:
    known = tmp_path / "known"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        key = network.known_hosts.read_text().splitlines()[0].split(" ", 1)[1]
        known.write_text(f"[127.0.0.1]:{port} {key}\n[127.0.0.1]:{port + 1} {key}\n")
        began = time.monotonic()
        with pytest.raises(Unreachable), ssh.connect(door(network, port, known), Machine("x")):
            pass
        assert time.monotonic() - began < 25
    with (
        pytest.raises(Unreachable, match="could not be reached"),
        ssh.connect(door(network, port, known), Machine("x")),
    ):
        pass


def test_a_program_that_does_not_end_is_left_alone_in_time(network: Running) -> None:
    with ssh_host(network, "srv1") as host:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="did not end within 1 s"):
            host._shell.run(["sleep", "30"], root=False, seconds=1)
        with pytest.raises(OutcomeUnknown):
            host._shell.run(["sleep", "30"], root=False, seconds=1, writes=True)
        assert time.monotonic() - began < 10
        assert host._shell.run(["echo", "still here"], root=False).text == "still here\n"


def test_a_connection_that_breaks_in_a_write_leaves_the_outcome_open(network: Running, tmp_path: Path) -> None:
    with ssh_host(network, "srv1") as host:
        threading.Timer(0.5, host._shell._client.get_transport().sock.close).start()
        with pytest.raises(OutcomeUnknown):
            host._shell.run(["sleep", "5"], root=False, writes=True)


@pytest.mark.parametrize(
    "word", ["$(reboot)", "`id`", "a;id", "a|id", "a&&id", "*", "~", "'", '"', "\\", "-n", "a b", "é", ">x"]
)
def test_a_word_arrives_as_it_was_sent(network: Running, word: str) -> None:
    with ssh_host(network, "srv1") as host:
        assert host._shell.run(["printf", "%s", word], root=False).text == word


def test_trust_compares_keeps_and_records(mine: Desk, network: Running) -> None:
    known = mine.folder / "known_hosts"
    text = known.read_text()
    known.write_text("".join(line for line in text.splitlines(keepends=True) if not line.startswith("srv1")))
    refused = mine.ops("host", "show", "srv1")
    assert (refused.code, "ops host trust srv1" in refused.err) == (6, True)
    asked = mine.ops("host", "trust", "srv1", "--no-input")
    assert asked.code == 2, asked.err
    shown = next(word for word in asked.err.split() if word.startswith("SHA256:"))
    wrong = mine.ops("host", "trust", "srv1", "--fingerprint", "SHA256:" + "A" * 43)
    assert wrong.code == 6
    done = mine.ops("host", "trust", "srv1", "--fingerprint", shown)
    assert done.code == 0, done.err
    assert mine.ops("host", "show", "srv1").code == 0
    record = mine.ops("evidence", "show", mine.last_run(), "--json").json
    assert record["op"]["source"] == "host trust"
    assert known.stat().st_mode & 0o777 == 0o600
    assert mine.ops("evidence", "verify").code == 0


def test_trusting_again_needs_to_be_asked_for(mine: Desk, network: Running) -> None:
    known = mine.folder / "known_hosts"
    lines = known.read_text().splitlines(keepends=True)
    fs1, srv1 = (next(line for line in lines if line.startswith(name)) for name in ("fs1", "srv1"))
    known.write_text(
        "".join([*(line for line in lines if line != srv1), srv1.split(" ")[0] + " " + fs1.partition(" ")[2]])
    )
    said = mine.ops("host", "trust", "srv1", "--no-input")
    assert (said.code, "--again" in said.err) == (6, True)


@pytest.mark.parametrize("name", ["nowhere", "dc1", ""])
def test_a_host_that_is_not_in_the_inventory_is_said(mine: Desk, name: str) -> None:
    said = mine.ops("host", "trust", name or "x", "--no-input")
    assert (said.code, "the inventory has no host" in said.err) == (1, True)


def test_operators_cannot_be_closed_by_themselves(mine: Desk, network: Running) -> None:
    with ssh_host(network, "srv1") as host, pytest.raises(Refused, match="your own login"):
        Personal("login:apprentice1").check(host)


def test_hundreds_of_short_programs_at_once_do_not_break_the_connection(network: Running) -> None:
    """An end of input that crosses the server's closing of a channel would end the whole connection."""
    with ssh_host(network, "srv1") as host, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: host._shell.run(["echo", str(n)], root=False).text, range(600)))
    assert found == [f"{n}\n" for n in range(600)]


@contextmanager
def agent(*keys: Path) -> Iterator[dict[str, str]]:
    """An SSH agent of our own that holds these keys: how a command finds it."""
    with subprocess.Popen(["ssh-agent", "-D"], stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            found = running.stdout.readline().split(";")[0].partition("=")[2]
            there = {"SSH_AUTH_SOCK": found}
            for key in keys:
                subprocess.run(["ssh-add", "-q", str(key)], env=there | {"PATH": "/usr/bin"}, check=True)
            yield there
        finally:
            running.terminate()


def by_agent(mine: Desk) -> None:
    groups = mine.folder / "inventory/groups.yaml"
    text = groups.read_text()
    start = text.index('"key:')
    groups.write_text(text[:start] + "agent" + text[text.index('"', start + 1) + 1 :])


def test_a_key_in_the_agent_opens_a_host_and_no_file_is_read(mine: Desk, network: Running) -> None:
    by_agent(mine)
    with agent(network.key_file("apprentice1")) as there:
        shown = mine.ops("host", "show", "srv1", "--json", env=there)
        assert shown.code == 0, shown.err
        assert shown.json["signed in as"] == "apprentice1"


def test_an_agent_with_another_key_is_not_let_in_and_one_with_none_is_said(mine: Desk, tmp_path: Path) -> None:
    by_agent(mine)
    subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    with agent(tmp_path / "other") as there:
        refused = mine.ops("host", "show", "srv1", env=there)
        assert (refused.code, "does not let apprentice1 in" in refused.err) == (4, True), refused.err
    with agent() as there:
        empty = mine.ops("host", "show", "srv1", env=there)
        assert (empty.code, "no SSH agent here holds a key" in empty.err) == (4, True), empty.err
    none = mine.ops("host", "show", "srv1")
    assert (none.code, "no SSH agent here holds a key" in none.err) == (4, True), none.err


def test_a_host_is_confirmed_by_the_name_the_inventory_gives_it(mine: Desk) -> None:
    (mine.folder / "known_hosts").write_text("")
    refused = mine.ops("host", "show", "dc1-host")
    assert "ops host trust dc1-host" in refused.err


def test_on_a_controller_an_operator_may_end_one_connection_to_the_directory_and_no_others(network: Running) -> None:
    """To ss(8) no address and [] are any address: with them one command would end everybody's connections."""
    if not network.linux:
        pytest.skip(f"mode {network.mode} has no Linux hosts")
    all_of_them = ((":", ":"), (":22", ":"), ("[]:636", "[]:1"), (":636", ":1"), ("192.0.2.1:22", "192.0.2.2:5"))
    one = (("192.0.2.1:636", "192.0.2.2:5"), ("[2001:db8::1]:389", "[2001:db8::2]:5"), ("[::1]:3269", "[::1]:5"))
    with ssh_host(network, "dc1") as host:
        said = {
            ends: host._shell.run(["ss", "-K", "-Htn", "src", ends[0], "dst", ends[1]]) for ends in all_of_them + one
        }
    assert [ends for ends in all_of_them if not said[ends].error.startswith("sudo:")] == []
    assert [ends for ends in one if said[ends].code] == []
    assert END_CONNECTIONS in (ROOT / "ops/cli/topics/hosts.md").read_text()
