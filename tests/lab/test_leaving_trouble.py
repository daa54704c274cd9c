"""A leaving in trouble: the network cut at any moment, hostile names and folders, a full disk, too many at once."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.lab.test_leaving import hired, lets_in
from tests.network import ssh_host
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    if not network.linux:
        pytest.skip(f"mode {network.mode} has no Linux hosts")
    return desk(tmp_path / "mine", network)


def on_host(network: Running, host: str, *words: str, text: str = "") -> str:
    """Run something as root on a host, by its process: quicker than a shell of ours."""
    pid = json.loads((network.folder / "state.json").read_text())["hosts"][host][0]
    into = ["nsenter", "-t", str(pid), "-m", "-u", "-p", "-r", "-w", "--"]
    done = subprocess.run([*into, *words], input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


class Line:
    """A cable to a host that is cut for good after so many octets from our side."""

    def __init__(self, to: str, octets: int) -> None:
        self._to, self._left = to, octets
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._left <= 0:
                client.close()
                continue
            upstream = socket.create_connection((self._to, 22))
            for ends in ((client, upstream, True), (upstream, client, False)):
                threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        try:
            while piece := source.recv(4096):
                self._left -= len(piece) if counted else 0
                if self._left <= 0:
                    break
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            end.close()

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    made: list[Line] = []
    yield made
    for line in made:
        line.close()


def through(at: Desk, network: Running, line: Line) -> str:
    """Lead srv1 through a line; returns the inventory as it was."""
    hosts = at.folder / "inventory/hosts.yaml"
    text = hosts.read_text()
    where = "    connect_to: 127.0.0.1\n    accounts_for: [role-it, "
    changed = text.replace("    accounts_for: [role-it, ", where)
    changed = changed.replace(
        "  hostname: srv1.lab.example\n", f'  hostname: srv1.lab.example\n  port: "{line.port}"\n'
    )
    hosts.write_text(changed)
    known = at.folder / "known_hosts"
    srv1 = next(one for one in known.read_text().splitlines() if one.startswith("srv1"))
    known.write_text(known.read_text() + f"[srv1.lab.example]:{line.port} {srv1.partition(' ')[2]}\n")
    return text


@pytest.mark.parametrize(
    "octets", [9000, *(pytest.param(number, marks=pytest.mark.night) for number in (12000, 14500, 17000))]
)
def test_a_cable_cut_in_the_middle_is_never_called_done_and_resume_ends_right(
    mine: Desk, network: Running, lines: list[Line], octets: int
) -> None:
    who = hired(mine, network, f"Cut{octets}", f"C{octets}")
    lines.append(Line(network.hosts["srv1"], octets))
    before = through(mine, network, lines[0])
    broken = mine.ops("user", "offboard", "--logon", who, "--yes")
    assert broken.code != 0, broken.out
    (mine.folder / "inventory/hosts.yaml").write_text(before)
    for row in mine.ops("run", "list", "--json").json["runs"]:
        if row["what"] == "Somebody leaves":
            mine.ops("run", "resume", row["run"])
    done = mine.ops("user", "offboard", "--logon", who, "--yes")
    assert done.code == 0, done.err
    assert not lets_in(network, who)
    assert mine.ops("user", "offboard", "--logon", who, "--check").code == 0
    assert mine.ops("evidence", "verify").code == 0


def test_a_full_file_server_stops_the_packing_and_nothing_is_lost(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Fulldisk", "T1")
    on_host(network, "fs1", "sh", "-c", f"head -c 3000000 /dev/urandom > /srv/home/{who}/data")
    on_host(network, "fs1", "sh", "-c", "fallocate -l $(($(stat -f -c '%a*%S' /) - 1000000)) /var/tmp/filler")
    try:
        full = mine.ops("user", "offboard", "--logon", who, "--yes")
        assert full.code == 5, full.err
        assert "packing" in full.err
        assert not lets_in(network, who)
        with ssh_host(network, "fs1") as files:
            assert files.read(f"folder:/srv/home/{who}")["mode"] == "700"
            assert files.read(f"archive:/srv/archive/{who}.tar.zst") is None
    finally:
        on_host(network, "fs1", "rm", "/var/tmp/filler")
    assert mine.ops("user", "offboard", "--logon", who, "--yes").code == 0
    with ssh_host(network, "fs1") as files:
        assert files.read(f"archive:/srv/archive/{who}.tar.zst")["tested"] == "a file came out as it went in"


def test_somebody_who_writes_while_the_home_is_packed_is_noticed(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Writer", "T2")
    home = f"/srv/home/{who}"
    on_host(network, "fs1", "btrfs", "qgroup", "limit", "none", home)
    on_host(network, "fs1", "sh", "-c", f"head -c 60000000 /dev/urandom > {home}/data")
    busy = f"while [ -e {home}/data ]; do date >> {home}/log; done"
    pid = json.loads((network.folder / "state.json").read_text())["hosts"]["fs1"][0]
    with subprocess.Popen(["nsenter", "-t", str(pid), "-m", "-p", "-r", "-w", "--", "sh", "-c", busy]) as writer:
        done = mine.ops("user", "offboard", "--logon", who, "--yes")
        writer.kill()
    on_host(network, "fs1", "pkill", "-f", f"{home}/log")
    assert (done.code, "changed while it was packed" in done.err) == (5, True), done.err
    assert mine.ops("run", "resume", "last").code == 0


def test_a_home_that_is_a_link_or_a_file_is_refused(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Linked", "T3")
    home = f"/srv/home/{who}"
    for make in (("ln", "-s", "/etc", home), ("touch", home)):
        on_host(network, "fs1", "rm", "-rf", home)
        on_host(network, "fs1", *make)
        said = mine.ops("user", "offboard", "--logon", who, "--yes")
        assert (said.code, "is no folder" in said.err) == (6, True), said.err
    assert mine.ops("user", "cut-off", "--logon", who, "--yes").code == 0


def test_an_access_list_nobody_expects_is_kept_in_the_archive_and_gone_from_the_handed_over(
    mine: Desk, network: Running
) -> None:
    who = hired(mine, network, "Acl", "T4")
    home = f"/srv/home/{who}"
    on_host(network, "fs1", "sh", "-c", f"echo x > {home}/file")
    on_host(network, "fs1", "setfacl", "-R", "-m", "u:10003:rwx,d:u:10003:rwx", home)
    assert mine.ops("user", "offboard", "--logon", who, "--yes").code == 0
    packed = on_host(network, "fs1", "tar", "--zstd", "--acls", "-tvvf", f"/srv/archive/{who}.tar.zst")
    assert "+" in packed.split()[0]
    assert "10003" not in on_host(network, "fs1", "getfacl", "-R", "-n", "-c", f"/srv/handed-over/{who}")


def test_more_leavers_in_one_file_than_are_allowed_are_refused_before_the_first(mine: Desk) -> None:
    (mine.folder / "gone.csv").write_text("logon\n" + "".join(f"somebody.{n}\n" for n in range(11)))
    said = mine.ops("user", "offboard", "--rows", "gone.csv", "--yes")
    assert (said.code, "11 rows are more than the 10" in said.err) == (6, True), said.err


@pytest.mark.parametrize("name", ["$(reboot)", "../etc/passwd", "amy ng", "-rf", "*", "a;id", "\x1b[31m", "x" * 300])
def test_a_name_that_is_more_than_a_name_is_one_clear_line(mine: Desk, name: str) -> None:
    for words in (
        ("user", "offboard", f"--logon={name}"),
        ("user", "cut-off", f"--logon={name}"),
        ("host", "close-user", "--on", "srv1", "--", name),
        ("user", "traces", "--", name),
        ("host", "show", "srv1", f"--login={name}"),
    ):
        said = mine.ops(*words, *(("--yes",) if words[1] in ("offboard", "cut-off") else ()))
        assert said.code in (1, 2, 6), (words, said.err)
        assert "Traceback" not in said.err
        assert "Bug" not in said.err
        assert "\x1b[31m" not in said.out + said.err


@pytest.mark.parametrize("path", ["/srv/../etc", "srv/home", "/srv/home/", "/srv//home", "/tmp"])
def test_a_place_for_homes_that_leads_elsewhere_is_refused(mine: Desk, network: Running, path: str) -> None:
    who = hired(mine, network, f"Path{abs(hash(path)) % 1000}", f"T5{abs(hash(path)) % 10000}")
    hosts = mine.folder / "inventory/hosts.yaml"
    hosts.write_text(hosts.read_text().replace("homes: /srv/home", f"homes: {path}"))
    said = mine.ops("home", "create", who, "--yes")
    assert said.code in (2, 6), said.err
    assert "whole path" in said.err or "could be changed by others" in said.err


@pytest.mark.parametrize(
    "trap",
    [
        "mkfifo .ssh/authorized_keys",
        "ln -s /dev/zero .ssh/authorized_keys",
        "head -c 3000000 /dev/urandom > .ssh/authorized_keys",
        "printf '\\377\\376 not text\\n' > .ssh/authorized_keys",
        "mkdir .ssh/authorized_keys",
        "rm -rf .ssh; ln -s / .ssh",
        "chmod 000 . ",
    ],
)
def test_nobody_is_in_the_way_of_a_cut_by_what_they_put_where_keys_are(mine: Desk, network: Running, trap: str) -> None:
    number = abs(hash(trap)) % 100000
    who = hired(mine, network, f"Trap{number}", f"X{number}")
    home = f"/home/{who}"
    on_host(network, "srv1", "sh", "-c", f"cd {home} && rm -f .ssh/authorized_keys && {trap}")
    on_host(network, "srv1", "sh", "-c", f"chown -hR {who}: {home} 2>/dev/null; true")
    done = mine.ops("user", "cut-off", "--logon", who, "--yes")
    assert done.code == 0, done.err + done.out
    with ssh_host(network, "srv1") as server:
        found = server.read(f"login:{who}")
        assert (found["locked"], found["expires"]) == ("yes", "1970-01-02")
    assert "root" in on_host(network, "srv1", "ls", "-ld", "/root", "/dev/zero")


def test_keys_and_jobs_that_are_no_text_come_back_as_they_were(mine: Desk, network: Running) -> None:
    who = hired(mine, network, "Bytes", "X9")
    path = f"/home/{who}/.ssh/authorized_keys"
    on_host(network, "srv1", "sh", "-c", f"printf '# \\377\\376\\n' >> {path}; sha256sum {path} > /var/tmp/before")
    assert mine.ops("user", "cut-off", "--logon", who, "--yes").code == 0
    assert on_host(network, "srv1", "ls", path).startswith("ls:")
    cut = next(row["run"] for row in mine.ops("run", "list", "--json").json["runs"] if "cut off" in row["what"])
    assert mine.ops("run", "undo", cut, "--yes").code == 0
    assert "OK" in on_host(network, "srv1", "sha256sum", "-c", "/var/tmp/before")


def test_a_home_of_five_gigabytes_is_packed_and_handed_over(mine: Desk, network: Running) -> None:
    """Most of it holes, as in the disk of a virtual machine: the room for five gigabytes is not needed."""
    who = hired(mine, network, "Fivegb", "X10")
    home = f"/srv/home/{who}"
    on_host(
        network,
        "fs1",
        "sh",
        "-c",
        f"truncate -s 5G {home}/disk.img && printf end | dd of={home}/disk.img bs=1 seek=5368709117 conv=notrunc",
    )
    done = mine.ops("user", "offboard", "--logon", who, "--yes")
    assert done.code == 0, done.err
    assert on_host(network, "fs1", "stat", "-c", "%s", f"/srv/handed-over/{who}/disk.img").strip() == "5368709120"
    assert on_host(network, "fs1", "tail", "-c", "3", f"/srv/handed-over/{who}/disk.img") == "end"
