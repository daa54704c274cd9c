"""After somebody has left: every place that still names them is found, at once and after a day, a week, a month."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inventory.lab import Running
from ops.adapters.directory import Attribute
from ops.adapters.host import NEVER, ONCE, Jobs, Login
from ops.adapters.ldap import LdapDirectory
from tests.lab.test_leaving import hired
from tests.network import ssh_host
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    if not network.linux:
        pytest.skip(f"mode {network.mode} has no Linux hosts")
    return desk(tmp_path / "mine", network)


def gone(at: Desk, network: Running, given: str, employee: str) -> str:
    who = hired(at, network, given, employee)
    done = at.ops("user", "offboard", "--logon", who, "--yes")
    assert done.code == 0, done.err
    return who


def left(at: Desk, who: str) -> dict[str, str]:
    """Rule → verdict of all that is left."""
    (one,) = at.ops("user", "traces", who, "--json").json["leavers"]
    return {finding["rule"]: finding["verdict"] for finding in one["findings"] if finding["verdict"] != "PASS"}


def test_after_a_whole_leaving_nothing_is_found(mine: Desk, network: Running) -> None:
    who = gone(mine, network, "Clean", "T1")
    said = mine.ops("user", "traces", who)
    assert (said.code, "0 traces left" in said.out) == (0, True), said.out + said.err
    assert "not looked at" in said.err


def test_what_somebody_opened_again_is_found_with_the_way_to_end_it(mine: Desk, network: Running) -> None:
    who = gone(mine, network, "Open", "T2")
    with ssh_host(network, "srv1") as server:
        Login(f"login:{who}", {"expires": ONCE}, {"expires": NEVER}).apply(server)
        Jobs(f"jobs:{who}", None, {"text": "1 1 * * * true\n"}).apply(server)
    assert left(mine, who) == {"login on srv1": "FAIL", "jobs on srv1": "FAIL"}
    said = mine.ops("user", "traces", who)
    assert (said.code, f"ops host close-user {who} --on srv1" in said.out) == (3, True)
    assert mine.ops("host", "close-user", who, "--on", "srv1", "--yes").code == 0
    assert left(mine, who) == {}


def test_people_and_names_that_still_point_to_a_leaver_are_found(
    mine: Desk, network: Running, samba: LdapDirectory
) -> None:
    who, other = gone(mine, network, "Boss", "T3"), hired(mine, network, "Under", "T4")
    user, under = samba.account(who), samba.account(other)
    Attribute(under.ref, under.get("manager"), (user.dn,), "manager").apply(samba)
    Attribute(under.ref, under.get("mail"), user.get("mail"), "mail").apply(samba)
    assert left(mine, who) == {"manager": "WARN", "mail": "FAIL"}


def test_an_account_that_came_back_to_life_is_found(mine: Desk, network: Running, samba: LdapDirectory) -> None:
    who = gone(mine, network, "Alive", "T5")
    user = samba.account(who)
    Attribute(user.ref, user.get("userAccountControl"), ("512",), "userAccountControl").apply(samba)
    assert left(mine, who) == {"account disabled": "FAIL"}


def test_looks_fall_due_after_a_day_a_week_and_a_month_and_once_each(mine: Desk, network: Running) -> None:
    who = gone(mine, network, "Due", "T6")
    assert mine.ops("user", "traces", "--again", "--json").json["leavers"] == []
    page = mine.folder / "state/leavers" / f"{who}.json"
    text = json.loads(page.read_text())
    page.write_text(json.dumps(text | {"left": (datetime.now(UTC).date() - timedelta(days=8)).isoformat()}))
    assert [one["logon"] for one in mine.ops("user", "traces", "--again", "--json").json["leavers"]] == [who]
    assert mine.ops("user", "traces", "--again", "--json").json["leavers"] == []


def test_only_who_is_in_the_book_can_be_searched_for(mine: Desk) -> None:
    for words, code in ((("nobody.here",), 1), ((), 2), (("x", "--again"), 2), (("../x",), 1)):
        said = mine.ops("user", "traces", *words)
        assert said.code == code, said.err
        assert len(said.err.splitlines()) <= 2
