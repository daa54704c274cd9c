"""What the LDAP library would do by itself and must not: old TLS, referrals followed, answers in one piece."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import ops.adapters.ldap as adapter
from inventory.lab import Running
from ops.adapters.ldap import LdapDirectory, connect
from ops.adapters.ldap_connection import Address, context
from ops.errors import Unreachable
from ops.secret import Secret
from tests.network import Operators
from tests.proxy import _length, authority, proxy

pytestmark = pytest.mark.lab
HOST = "dc1.lab.example"
SUCCESS = b"\x0a\x01\x00\x04\x00\x04\x00"


def wrapped(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([tag, 0x82]) + len(body).to_bytes(2, "big") + body


def message(number: bytes, *parts: bytes) -> bytes:
    return wrapped(0x30, number, *parts)


@contextmanager
def serving(folder: Path, answer: Callable[[bytes, int], bytes], setting: ssl.SSLContext) -> Iterator[tuple[int, Path]]:
    """A TLS server that says what ``answer`` makes of a message number and the kind of request."""
    ca_file, both = authority(folder, HOST)
    setting.load_cert_chain(both)

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                raw, _ = listening.accept()
                with raw, setting.wrap_socket(raw, server_side=True) as client:
                    converse(client, answer)
            except ssl.SSLError:
                continue
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1], ca_file
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def converse(client: ssl.SSLSocket, answer: Callable[[bytes, int], bytes]) -> None:
    waiting = b""
    while piece := client.recv(65536):
        waiting += piece
        while (end := _length(waiting)) and len(waiting) >= end:
            one, waiting = waiting[:end], waiting[end:]
            start = 2 if one[1] < 128 else 2 + (one[1] & 127)
            number = one[start : start + 2 + one[start + 1]]
            client.sendall(answer(number, one[start + len(number)]))


def modern() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


def address(ca_file: Path, port: int) -> Address:
    return Address(HOST, ca_file, "apprentice1@lab.example", port, connect_to="127.0.0.1")


def kind_answered(number: bytes, kind: int) -> bytes:
    return message(number, wrapped(0x61 if kind == 0x60 else 0x65, SUCCESS))


def test_a_server_that_only_speaks_tls_1_1_is_refused(tmp_path: Path) -> None:
    old = modern()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that these versions are old is the point
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with serving(tmp_path / "tls", kind_answered, old) as (port, ca_file):
        with pytest.raises(Unreachable), connect(address(ca_file, port), "DC=lab", {}, Secret("x")):
            pass
        assert context(ca_file).minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_referral_is_never_followed_and_no_password_goes_there(tmp_path: Path) -> None:
    visitors = []

    def listen(trap: socket.socket) -> None:
        while True:
            try:
                one, _ = trap.accept()
            except OSError:
                return
            visitors.append(one)
            one.close()

    with socket.create_server(("127.0.0.1", 0)) as trap:
        thread = threading.Thread(target=listen, args=(trap,), daemon=True)
        thread.start()
        there = f"ldap://127.0.0.1:{trap.getsockname()[1]}/DC=lab".encode()
        referred = b"\x0a\x01\x0a\x04\x00\x04\x00" + wrapped(0xA3, wrapped(0x04, there))

        def refer(number: bytes, kind: int) -> bytes:
            if kind == 0x60:
                return message(number, wrapped(0x61, SUCCESS))
            return message(number, wrapped(0x73, wrapped(0x04, there))) + message(number, wrapped(0x65, referred))

        with (
            serving(tmp_path / "tls", refer, modern()) as (port, ca_file),
            pytest.raises(Unreachable),
            connect(address(ca_file, port), "DC=lab", {}, Secret("x")) as directory,
        ):
            directory.find("sAMAccountName", "x")
        trap.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    assert visitors == []


def test_everything_is_read_in_pages_however_much_there_is(
    tmp_path: Path, network: Running, operators: Operators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "PAGE", 20)
    upstream = {"upstream": (network.address, 636), "upstream_ca": network.ca_file}
    with proxy(host=network.controller, folder=tmp_path / "tls", **upstream) as between:
        to = replace(operators.address(), ca_file=between.ca_file, connect_to="127.0.0.1", port=between.port)
        with connect(to, network.base, network.places, operators.password("apprentice1")) as directory:
            before = between.seen["search"]
            found = directory.search("(objectCategory=person)")
            assert len({one.ref for one in found}) == len(found) > 50
            assert between.seen["search"] - before >= len(found) // 20


def test_times_identities_and_places_are_in_our_words(samba: LdapDirectory) -> None:
    entry = samba.account("zmueller")
    assert entry.ref.startswith("guid:")
    assert entry.first("objectSid").startswith("S-1-5-21-")
    assert samba.now().tzinfo is not None
    expired = samba.account("con.tractor").expires
    assert expired is not None
    assert expired.tzinfo is not None
    assert entry.expires is None
