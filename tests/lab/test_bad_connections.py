"""Certificates, names and servers that cannot be trusted or do not answer: one clear line, in time, nothing done."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.proxy import authority, proxy
from tests.workspace import Desk, Result, desk

pytestmark = pytest.mark.lab


def one_line(said: Result, code: int, *words: str) -> None:
    """The error is one line of what and one of what next, without a traceback, and exits as promised."""
    assert said.code == code, said.err
    assert "Traceback" not in said.err
    last = [line for line in said.err.splitlines() if line and not line.startswith("PRACTICE")]
    assert len(last) == 2, said.err
    assert last[1].startswith("  next: ")
    for word in words:
        assert word in said.err, said.err


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """A port that accepts and then says nothing, or says this and hangs up."""

    def serve(to: socket.socket) -> None:
        while True:
            try:
                one, _ = to.accept()
            except OSError:
                return
            held.append(one)
            if answer is not None:
                one.sendall(answer)
                one.close()

    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as port:
        thread = threading.Thread(target=serve, args=(port,), daemon=True)
        thread.start()
        yield port.getsockname()[1]
        port.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for one in held:
        one.close()


def test_a_certificate_of_another_authority_is_refused(tmp_path: Path, network: Running) -> None:
    foreign, _ = authority(tmp_path / "foreign", network.controller)
    said = desk(tmp_path / "d", network, ca_file=foreign).ops("account", "show", "zmueller")
    one_line(said, 1, "certificate", "refused")


def test_a_certificate_for_another_name_is_refused(tmp_path: Path, network: Running) -> None:
    upstream = {"upstream": (network.address, 636), "upstream_ca": network.ca_file}
    with proxy(host="other.lab.example", folder=tmp_path / "tls", **upstream) as between:
        at = desk(tmp_path / "d", network, ca_file=between.ca_file, connect_to="127.0.0.1", port=between.port)
        one_line(at.ops("account", "show", "zmueller"), 1, "certificate", "refused")
        assert between.seen["bind"] == 0


def test_an_expired_certificate_is_refused(tmp_path: Path, network: Running) -> None:
    upstream = {"upstream": (network.address, 636), "upstream_ca": network.ca_file}
    with proxy(host=network.controller, folder=tmp_path / "tls", days=0, **upstream) as between:
        at = desk(tmp_path / "d", network, ca_file=between.ca_file, connect_to="127.0.0.1", port=between.port)
        one_line(at.ops("account", "show", "zmueller"), 1, "certificate", "expired")
        assert between.seen["bind"] == 0


def test_a_controller_is_reached_by_its_address_if_the_certificate_carries_it(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "d", network, host=network.address)
    assert at.ops("account", "show", "zmueller").code == 0


def test_a_name_nobody_knows_is_said_to_be_unknown(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "d", network, host="dc9.lab.example")
    one_line(at.ops("account", "show", "zmueller"), 1, "no server is known by the name")


def test_a_closed_port_is_said_at_once(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "d", network, port=637)
    began = time.monotonic()
    one_line(at.ops("account", "show", "zmueller"), 1, "could not be reached")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("answer", [None, b"220 mail ready\r\n"], ids=["black hole", "another protocol"])
def test_a_server_that_never_answers_properly_ends_in_time(
    tmp_path: Path, network: Running, answer: bytes | None
) -> None:
    with listening(answer) as port:
        at = desk(tmp_path / "d", network, connect_to="127.0.0.1", port=port)
        began = time.monotonic()
        one_line(at.ops("account", "show", "zmueller"), 1)
        assert time.monotonic() - began < 20


def test_a_server_that_stops_answering_half_way_ends_in_time(tmp_path: Path, network: Running) -> None:
    upstream = {"upstream": (network.address, 636), "upstream_ca": network.ca_file}
    with proxy(host=network.controller, folder=tmp_path / "tls", **upstream, delay=17) as between:
        at = desk(tmp_path / "d", network, ca_file=between.ca_file, connect_to="127.0.0.1", port=between.port)
        began = time.monotonic()
        one_line(at.ops("account", "show", "zmueller"), 1)
        assert time.monotonic() - began < 30


def test_a_wrong_password_is_said_and_nothing_is_tried_again(tmp_path: Path, network: Running) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("Not-The-Password-1\n")
    wrong.chmod(0o600)
    at = desk(tmp_path / "d", network, "mentor1", credential=f"file:{wrong}")
    one_line(at.ops("account", "show", "zmueller"), 4, "name or password is wrong")


def test_a_password_file_others_can_read_is_refused(tmp_path: Path, network: Running) -> None:
    open_file = tmp_path / "open"
    shutil.copy(network.password_file("apprentice1"), open_file)
    open_file.chmod(0o644)
    at = desk(tmp_path / "d", network, credential=f"file:{open_file}")
    one_line(at.ops("account", "show", "zmueller"), 4, "can be read by others", "chmod 600")


@pytest.mark.parametrize(
    ("account", "why"), [("was.here", "wrong"), ("con.tractor", "expired"), ("new.password", "change")]
)
def test_an_account_that_cannot_sign_in_hears_why(tmp_path: Path, network: Running, account: str, why: str) -> None:
    at = desk(tmp_path / "d", network, account, credential=f"file:{network.password_file('people')}")
    one_line(at.ops("account", "show", "zmueller"), 4, why)


def test_rights_that_are_missing_are_named_and_nothing_is_half_done_in_silence(
    tmp_path: Path, network: Running
) -> None:
    at = desk(tmp_path / "d", network, "helpdesk1")
    said = at.onboard("No", "Rights", "N1", "--groups", "role-it")
    assert said.code == 4
    assert "no right to do this" in said.err
    assert at.ops("run", "list", "--json").json["runs"][0]["status"] == "failed"


def test_kerberos_without_its_package_says_which_to_install(tmp_path: Path, network: Running) -> None:
    at = desk(tmp_path / "d", network, credential="kerberos")
    said = at.ops("account", "show", "zmueller")
    one_line(said, 1, "journeyman[kerberos]")


def test_a_workspace_whose_network_is_down_is_an_error_before_anything_is_resolved(
    tmp_path: Path, network: Running
) -> None:
    at = desk(tmp_path / "d", network)
    settings = at.folder / "ops.toml"
    settings.write_text(settings.read_text().replace('lab = ""', 'lab = "not-there"'))
    one_line(at.ops("account", "show", "zmueller"), 1, "not up", "nothing was sent anywhere")


def test_run_as_an_ordinary_user_and_as_root_says_so_in_the_record(tmp_path: Path, network: Running) -> None:
    at: Desk = desk(tmp_path / "d", network)
    assert at.onboard("Ron", "Root", "RO1").code == 0
    body = at.ops("evidence", "show", at.last_run(), "--json").json
    assert body["performer"]["session"]["elevated"] is (os.geteuid() == 0)
