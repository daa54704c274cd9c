"""LDAP connections opened before somebody left: counted by the controller's own log, ended, and never claimed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from inventory.lab import Running
from ops.adapters.ldap import LdapDirectory, connect
from ops.adapters.ldap_connection import Address
from ops.errors import OpsError
from ops.keeper import generated
from tests.lab.test_leaving import BOSS, hired, inside, mine
from tests.workspace import Desk

__all__ = ["mine"]
pytestmark = pytest.mark.lab
Reading = tuple[str, LdapDirectory]
READERS: list[str] = []  # names are used once
LDAP_BEFORE = "LDAP connections opened before"
LOG = "/var/lib/samba/log/sign-ins.json"


@pytest.fixture
def reading(mine: Desk, network: Running, samba: LdapDirectory) -> Iterator[Reading]:
    """Somebody hired, who has the directory open."""
    who = hired(mine, network, f"Reads{chr(97 + len(READERS))}", f"L2{len(READERS)}")
    READERS.append(who)
    user, secret = samba.account(who), generated()
    samba.set_password(user.ref, user.get("pwdLastSet"), secret, False)
    at = f"{who}@{network.domain}"
    address = Address(network.controller, network.ca_file, at, connect_to=network.connect_to)
    with connect(address, network.base, network.places, secret) as session:
        yield who, session


def line_of(findings: list[dict[str, Any]], on: str = "") -> dict[str, Any]:
    (line,) = [one for one in findings if one["rule"] == f"{LDAP_BEFORE}{on}"]
    return line


def test_an_ldap_session_alive_before_the_cut_is_counted_and_dead_after_it(
    reading: Reading, mine: Desk, samba: LdapDirectory
) -> None:
    who, session = reading
    assert session.find("sAMAccountName", BOSS)
    before = line_of(mine.ops("user", "show", who, "--access", "--json").json["findings"], " on dc1-host")
    assert (before["verdict"], before["because"][:7]) == ("FAIL", "1 open:")
    done = mine.ops("user", "offboard", "--logon", who, "--yes", "--json")
    assert done.code == 0, done.err
    looked, _ = done.json["afterwards"]
    assert line_of(looked["findings"], " on dc1-host")["verdict"] == "PASS"
    assert samba.find("sAMAccountName", BOSS), "somebody else's session was ended too"
    with pytest.raises(OpsError):
        session.find("sAMAccountName", BOSS)


def test_a_session_is_counted_whatever_its_owner_tried_on_it_since_or_is_called_now(
    reading: Reading, mine: Desk, samba: LdapDirectory
) -> None:
    """Samba leaves a session to its owner after a trial that it refused."""
    who, session = reading
    assert session.find("sAMAccountName", BOSS)
    session._ldap.rebind(password=generated().reveal())
    assert session.find("sAMAccountName", BOSS), "this server would end it, and the log could say so"
    user = samba.account(who)
    samba.swap(user.ref, "sAMAccountName", user.get("sAMAccountName"), (f"{who[:12]}.new",))
    shown = mine.ops("user", "show", f"{who[:12]}.new", "--access", "--json").json["findings"]
    assert line_of(shown, " on dc1-host")["because"].startswith("1 open:")


def test_an_ldap_session_nobody_may_look_for_goes_on_and_is_never_called_closed(reading: Reading, mine: Desk) -> None:
    """Disabled is not signed out: without the log the line says that nobody looked, and zero is not claimed."""
    who, session = reading
    hosts = mine.folder / "inventory/hosts.yaml"
    text = hosts.read_text()
    hosts.write_text(text.replace(f"  data:\n    sign_in_log: {LOG}\n", ""))
    done = mine.ops("user", "offboard", "--logon", who, "--yes", "--json")
    assert done.code == 0, done.err
    assert session.find("sAMAccountName", BOSS), "this server would end it, and the line could say so"
    looked, _ = done.json["afterwards"]
    assert line_of(looked["findings"])["verdict"] == "UNKNOWN"
    assert mine.ops("user", "show", who, "--access", "--json").json["zero"] is False
    hosts.write_text(text)
    ended = mine.ops("host", "end-connections", who, "--on", "dc1-host", "--yes")
    assert ended.code == 0, ended.err
    with pytest.raises(OpsError):
        session.find("sAMAccountName", BOSS)


def test_a_session_older_than_the_log_is_counted_as_nobodys_and_left_alone(
    reading: Reading, mine: Desk, network: Running
) -> None:
    who, session = reading
    with begun_anew(network, LOG):
        done = mine.ops("user", "offboard", "--logon", who, "--yes", "--json")
        assert done.code == 0, done.err
        assert session.find("sAMAccountName", BOSS)
        looked, _ = done.json["afterwards"]
        line = line_of(looked["findings"], " on dc1-host")
        assert line["verdict"] == "UNKNOWN"
        assert "does not tell whose" in line["because"]


def test_a_log_that_may_not_be_read_is_said_and_never_taken_for_none(
    reading: Reading, mine: Desk, network: Running
) -> None:
    who, _ = reading
    inside(network, "dc1", "chmod", "600", LOG)
    try:
        shown = mine.ops("user", "show", who, "--access", "--json").json
        line = line_of(shown["findings"], " on dc1-host")
        assert (line["verdict"], line["because"]) == ("UNKNOWN", f"{LOG} cannot be read")
        refused = mine.ops("host", "end-connections", who, "--on", "dc1-host", "--yes")
        assert refused.code != 0
        assert "cannot be read" in refused.err
    finally:
        inside(network, "dc1", "chmod", "640", LOG)


@contextmanager
def begun_anew(network: Running, path: str) -> Iterator[None]:
    """A log of the controller as after its rotation, and whole again afterwards."""
    before = inside(network, "dc1", "cat", path)
    inside(network, "dc1", "truncate", "-s", "0", path)
    try:
        yield
    finally:
        inside(network, "dc1", "tee", path, stdin=before + inside(network, "dc1", "cat", path))
