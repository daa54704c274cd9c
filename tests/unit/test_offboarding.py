"""Somebody leaves: every way in is closed, nothing is lost, and all of it can be taken back but what cannot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ops.adapters.directory_entry import NO_HOURS
from ops.adapters.host import CLOSED, ONCE
from ops.adapters.leavers import reserved
from ops.errors import Conflict, NotAuthorised, OpsError, PartlyDone, Refused, Unreachable
from ops.plan import Plan
from tests.company import AMY, PLACES, Company, company, person
from tests.unit.test_onboarding import sentences

KEYS = {"/home/amy.ng/.ssh/authorized_keys": "ssh-ed25519 AAAA amy\n"}
LEAVING = {"logon": "amy.ng"}
BOOK = "user/offboard"


@pytest.fixture
def staffed(tmp_path: Path) -> Company:
    """Amy works here, with a boss, a report, a key, a crontab and something running."""
    office = company(tmp_path, person("bob", uidNumber="10900", employeeID="B"))
    office.do(office.plan(AMY | {"manager": "bob"}), "hire")
    amy = office.directory.account("amy.ng")
    report = person("cy", 2002, manager=amy.dn)
    office.directory._keep(report.ref, report)
    server = office.targets["srv1"]
    server.swap("keys:amy.ng", None, KEYS)
    server.swap("jobs:amy.ng", None, {"text": "1 1 * * * true\n"})
    server.swap("processes:amy.ng", None, {"processes": "3", "sessions": "1"})
    return office


def leaving(office: Company, **more: str) -> Plan:
    return office.plan(LEAVING | more, book=BOOK)


def test_the_whole_leaving_is_shown_in_an_order_that_leaves_no_gap(staffed: Company) -> None:
    assert sentences(leaving(staffed)) == [
        "is written into the leavers' book, with all they had",
        "is disabled",
        "gets two random passwords in a row, so that no old one works",
        "may sign in at no hour",
        sentences(leaving(staffed))[4],
        "loses the sheet with a password that nobody fetched",
        "loses a welcome letter again",
        "loses a note for the manager again",
        "can no longer sign in on srv1: locked, expired, no shell",
        "has every process on srv1 ended, sessions too",
        "loses the SSH keys on srv1",
        "loses the crontab on srv1",
        "has /srv/home/amy.ng packed into /srv/archive/amy.ng.tar.zst",
        "has the folder /srv/home/amy.ng closed",
        "is handed over, read-only, in /srv/handed-over/amy.ng",
        "manager becomes bob (was Amy Ng (amy.ng))",
        "leaves role-sales",
        "leaves vpn",
        sentences(leaving(staffed))[18],
        "moves from Staff to Leavers",
    ]
    assert sentences(leaving(staffed))[4].startswith("is expired: the last day was 20")
    assert sentences(leaving(staffed))[18].startswith("description becomes left 20")


def test_after_leaving_nothing_opens_and_a_second_run_finds_nothing(staffed: Company) -> None:
    staffed.do(leaving(staffed), "leave")
    amy = staffed.directory.account("amy.ng")
    assert (amy.enabled, amy.groups, amy.get("logonHours")) == (False, frozenset(), NO_HOURS)
    assert amy.dn.endswith(PLACES["leavers"])
    server, files = staffed.targets["srv1"], staffed.targets["fs1"]
    assert server.read("login:amy.ng")["expires"] == ONCE
    assert [server.read(f"{kind}:amy.ng") for kind in ("keys", "jobs", "processes")] == [None] * 3
    closed = files.read("folder:/srv/home/amy.ng")
    assert {name: closed[name] for name in CLOSED} == CLOSED
    assert files.read("folder:/srv/handed-over/amy.ng")["owner"] == "10900"
    assert staffed.directory.get("guid:cy").first("manager") == staffed.directory.account("bob").dn
    assert staffed.events("leave")[-1].kind == "verified"
    assert leaving(staffed).items == ()


def test_two_writes_of_the_password_are_shown_by_the_directorys_own_count(staffed: Company) -> None:
    before = staffed.directory.password_writes(staffed.directory.account("amy.ng").ref)
    staffed.do(leaving(staffed), "leave")
    proofs = [event.body["proof"] for event in staffed.events("leave") if "proof" in event.body]
    assert [(one["password_writes"], one["sign_in"]) for one in proofs if "sign_in" in one] == [(2, {"ldap": "533"})]
    assert staffed.directory.password_writes(staffed.directory.account("amy.ng").ref) == before + 2


def test_taking_it_back_gives_everything_back_but_passwords_and_processes(staffed: Company) -> None:
    amy = staffed.directory.account("amy.ng")
    staffed.do(leaving(staffed), "leave")
    undo = staffed.undo("leave")
    assert [line.partition(") ")[2] for line in undo.lost] == [
        "has every process on srv1 ended, sessions too",
        "loses the sheet with a password that nobody fetched",
        "gets two random passwords in a row, so that no old one works",
    ]
    back = staffed.directory.account("amy.ng")
    assert (back.enabled, back.groups, back.dn) == (True, amy.groups, amy.dn)
    volatile = {"pwdLastSet"}
    assert {k: v for k, v in back.attributes.items() if k not in volatile} == {
        k: v for k, v in amy.attributes.items() if k not in volatile
    }
    server, files = staffed.targets["srv1"], staffed.targets["fs1"]
    assert server.read("keys:amy.ng") == KEYS
    assert server.read("jobs:amy.ng") == {"text": "1 1 * * * true\n"}
    assert (server.read("login:amy.ng")["expires"], server.read("login:amy.ng")["shell"]) == ("never", "/bin/bash")
    assert files.read("folder:/srv/home/amy.ng")["owner"] == amy.first("uidNumber")
    assert files.read("archive:/srv/archive/amy.ng.tar.zst") is None
    assert staffed.targets["book"].page("amy.ng") is None


def test_a_leavers_names_are_never_given_again(staffed: Company) -> None:
    staffed.do(leaving(staffed), "leave")
    assert {"amy.ng"} <= reserved(staffed.targets["book"].pages().values())


@dataclass
class Closed:
    """A host that cannot be worked on."""

    error: OpsError

    def projection(self) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error", [Unreachable("srv1 did not answer in time"), NotAuthorised("your account may not do this there")], ids=str
)
def test_a_host_that_cannot_be_worked_on_holds_nothing_else_up_and_is_said(staffed: Company, error: OpsError) -> None:
    server = staffed.targets["srv1"]
    staffed.targets["srv1"] = Closed(error)
    plan = leaving(staffed)
    assert f"login@srv1: {error}" in plan.not_done
    staffed.do(plan, "leave")
    assert not staffed.directory.account("amy.ng").enabled
    staffed.targets["srv1"] = server
    rest = leaving(staffed)
    assert [sentence for sentence in sentences(rest) if "srv1" in sentence] == sentences(rest)
    assert len(rest.items) == 4
    staffed.do(rest, "rest")
    assert leaving(staffed).items == ()


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (person("me", 1500), "your own account"),
        (person("root.like", 2100, groups=("Domain Admins",)), "Domain Admins"),
        (person("svc", 2101, place="service"), "service account"),
    ],
)
def test_who_must_not_leave_by_this_tool_is_refused_before_anything(tmp_path: Path, who: Any, why: str) -> None:
    office = company(tmp_path, who)
    with pytest.raises(Refused, match=why):
        office.plan({"logon": who.logon_name}, book=BOOK)


def test_a_former_administrator_is_cleared_of_what_is_left_of_it(tmp_path: Path) -> None:
    office = company(tmp_path, person("was.admin", adminCount="1", servicePrincipalName="http/x", primaryGroupID="514"))
    office.do(office.plan({"logon": "was.admin"}, book=BOOK), "leave")
    user = office.directory.account("was.admin")
    assert [user.get(name) for name in ("adminCount", "servicePrincipalName")] == [(), ()]
    assert user.first("primaryGroupID") == "513"


def test_somebody_with_reports_and_no_manager_needs_a_successor(tmp_path: Path) -> None:
    boss = person("boss")
    office = company(tmp_path, boss, person("heir", 2001), person("cy", 2002, manager=boss.dn))
    with pytest.raises(Refused, match="has no manager"):
        office.plan({"logon": "boss"}, book=BOOK)
    office.do(office.plan({"logon": "boss", "successor": "heir"}, book=BOOK), "leave")
    assert office.directory.account("cy").first("manager") == office.directory.account("heir").dn


def test_an_account_of_the_system_itself_is_left_alone(staffed: Company) -> None:
    server = staffed.targets["srv1"]
    server.swap("login:bob", None, {"uid": "33", "gid": "33", "home": "/x", "shell": "/bin/sh"})
    with pytest.raises(Refused, match="an account of srv1 itself"):
        staffed.plan({"logon": "bob"}, book=BOOK)


def test_a_home_that_changed_since_it_was_made_is_closed_and_not_deleted_by_an_undo(staffed: Company) -> None:
    files = staffed.targets["fs1"]
    files._known["folder:/srv/home/amy.ng"] = {**files.read("folder:/srv/home/amy.ng"), "state": "42 entries"}
    staffed.undo("hire")
    found = files.read("folder:/srv/home/amy.ng")
    assert {name: found[name] for name in CLOSED} == CLOSED


def test_an_archive_that_somebody_made_meanwhile_is_not_written_over(staffed: Company) -> None:
    plan = leaving(staffed)
    staffed.targets["fs1"].swap("archive:/srv/archive/amy.ng.tar.zst", None, {"folder": "/srv/home/amy.ng"})
    with pytest.raises((Conflict, PartlyDone)):
        staffed.do(plan, "leave")
