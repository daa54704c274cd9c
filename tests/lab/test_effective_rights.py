"""What the delegated accounts can reach in the whole directory, beyond the lines of the table: nothing more.

The server is asked, entry by entry, what an account may write; and every access control list is read.
What a domain lends to everybody who signs in is taken from the mentor's account, which is in no group.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inventory.lab import Running
from inventory.lab.domain import OPERATORS, TRAP
from inventory.lab.rights import DELEGATION, GROUPS, HELPDESK, LEAVERS, ONBOARDING, ROLES, STAFF
from inventory.lab.samba import BASE
from ops.adapters.ldap import LdapDirectory
from tests.network import Operators
from tests.workspace import desk

pytestmark = pytest.mark.lab
PARTS = (BASE, f"CN=Configuration,{BASE}", f"DC=DomainDnsZones,{BASE}", f"DC=ForestDnsZones,{BASE}")
EFFECTIVE = ("allowedAttributesEffective", "allowedChildClassesEffective", "sDRightsEffective")
DESK = {"pwdLastSet", "lockoutTime"}
ABOUT_A_PERSON = {
    *DESK,
    *("accountExpires", "adminDescription", "cn", "company", "department", "description", "displayName", "employeeID"),
    *("employeeNumber", "givenName", "homeDirectory", "initials", "mail", "manager", "mobile", "sAMAccountName", "sn"),
    *("physicalDeliveryOfficeName", "telephoneNumber", "title", "userAccountControl", "userPrincipalName"),
    *("logonHours", "uidNumber", "gidNumber", "unixHomeDirectory", "loginShell"),
}
CREATE, ONESELF = "create ", "oneself"
DACL_ONLY = (("1.2.840.113556.1.4.801", True, b"\x30\x03\x02\x01\x04"),)  # MS-ADTS 3.1.1.3.4.1.11
Reach = dict[str, frozenset[str]]


def everything(raw: Any, *attributes: str, controls: Any = None) -> Iterator[dict[str, Any]]:
    """Every entry the domain controller holds."""
    for part in PARTS:
        found = raw.extend.standard.paged_search(
            part, "(objectClass=*)", attributes=list(attributes), controls=list(controls or ()), generator=True
        )
        yield from (one for one in found if one["type"] == "searchResEntry")


def reach(directory: LdapDirectory, made_before: str = "99991231235959.0Z") -> Reach:
    """Entries by DN, each with what this account may write of it, create in it, or change of its rights."""
    found = {}
    for one in everything(directory._ldap, *EFFECTIVE, "whenCreated"):
        if one["raw_attributes"].get("whenCreated", [b""])[0].decode() >= made_before:
            continue
        attributes, children, rights = (one["raw_attributes"].get(name) or [] for name in EFFECTIVE)
        may = {value.decode() for value in attributes} | {CREATE + value.decode() for value in children}
        if may := may | {f"rights {value.decode()}" for value in rights if value != b"0"}:
            found[one["dn"]] = frozenset(may)
    return found


@pytest.fixture(scope="module")
def reaches(operators: Operators, network: Running) -> dict[str, Reach]:
    """What each account reaches; for all but the mentor without what the mentor reaches. Oneself is ``ONESELF``.

    Of what the domain was made with: an account that another test has created since belongs to its creator.
    """
    found: dict[str, Reach] = defaultdict(dict)
    began = datetime.fromtimestamp((network.folder / "state.json").stat().st_mtime, UTC).strftime("%Y%m%d%H%M%S.0Z")
    for account in ("mentor1", "helpdesk1", "onboarding1", "apprentice1"):
        with operators.session(account) as directory:
            own = f"CN={OPERATORS[account][0]},{DELEGATION}"
            for dn, may in reach(directory, began).items():
                name = ONESELF if dn == own else dn
                if more := may - found["mentor1"].get(name, frozenset()):
                    found[account][name] = more
    return found


def people(reached: Reach, unit: str) -> set[frozenset[str]]:
    return {may for dn, may in reached.items() if dn.endswith(f",{unit}")}


def test_help_desk_writes_two_attributes_of_people_in_staff_and_nothing_else_anywhere(
    reaches: dict[str, Reach],
) -> None:
    reached = reaches["helpdesk1"]
    assert people(reached, STAFF) == {frozenset(DESK)}
    assert {dn for dn in reached if not dn.endswith(f",{STAFF}")} == set()


@pytest.mark.parametrize("account", ["onboarding1", "apprentice1"])
def test_onboarding_writes_about_people_creates_them_and_fills_roles_and_nothing_else_anywhere(
    reaches: dict[str, Reach], account: str
) -> None:
    reached = reaches[account]
    assert people(reached, STAFF) == {frozenset(ABOUT_A_PERSON)}
    assert people(reached, LEAVERS) <= {frozenset(ABOUT_A_PERSON)}
    assert people(reached, ROLES) == {frozenset({"member"})}
    units = {dn: may for dn, may in reached.items() if not dn.endswith((f",{STAFF}", f",{LEAVERS}", f",{ROLES}"))}
    assert units == {STAFF: {f"{CREATE}user"}, LEAVERS: {f"{CREATE}user"}}


def test_what_everybody_reaches_is_what_every_domain_gives_them(reaches: dict[str, Reach]) -> None:
    """The web page of a well-known principal that stands for oneself, and new names in a DNS zone."""
    reached = reaches["mentor1"]
    oneself = reached.get(ONESELF, frozenset())
    assert "telephoneNumber" in oneself
    assert oneself & {"userAccountControl", "servicePrincipalName", "member", "lockoutTime", "rights 4"} == set()
    others = {dn: may for dn, may in reached.items() if dn != ONESELF}
    assert set(others.values()) == {frozenset({"url", "wWWHomePage"}), frozenset({f"{CREATE}dnsNode"})}
    assert all("CN=MicrosoftDNS," in dn or "Security" in dn for dn in others)


def test_no_access_control_list_names_a_delegated_group_where_nothing_was_lent(operators: Operators) -> None:
    """Also the rights no answer of the server lists: to reset, to delete, to read what is secret."""
    with operators.session("administrator") as session:
        raw = session._ldap
        sids = {}
        for group in (HELPDESK, ONBOARDING):
            raw.search(f"CN={group},{DELEGATION}", "(objectClass=group)", "BASE", attributes=["objectSid"])
            sids[group] = raw.response[0]["raw_attributes"]["objectSid"][0]
        named: dict[str, Counter[str]] = {group: Counter() for group in sids}
        for one in everything(raw, "nTSecurityDescriptor", controls=DACL_ONLY):
            for group, sid in sids.items():
                if count := one["raw_attributes"]["nTSecurityDescriptor"][0].count(sid):
                    named[group][one["dn"]] = count
    assert named[HELPDESK][STAFF] == len(DESK) + 1  # to reset
    assert named[ONBOARDING][STAFF] == len(ABOUT_A_PERSON) + 4  # name; to reset, to create, to delete
    assert named[ONBOARDING][LEAVERS] == len(ABOUT_A_PERSON) + 3
    assert named[ONBOARDING][ROLES] == 1
    assert {dn for dn in named[HELPDESK] if not dn.endswith(STAFF)} == set()
    assert {dn for dn in named[ONBOARDING] if not dn.endswith((STAFF, LEAVERS, ROLES))} == set()
    assert named[HELPDESK][GROUPS] == 0


NEVER: dict[str, dict[str, str | bytes]] = {
    "trusted for delegation": {"userAccountControl": "524802"},
    "trusted to act as others": {"userAccountControl": "16777730"},
    "allowed to delegate": {"msDS-AllowedToDelegateTo": "ldap/dc1.lab.example"},
    "in another primary group": {"primaryGroupID": "512"},
    "with somebody else's history": {"sIDHistory": b"\x01\x01\x00\x00\x00\x00\x00\x05\x12\x00\x00\x00"},
}
AT_BIRTH: dict[str, dict[str, str | bytes]] = {
    "with a service principal name": {"servicePrincipalName": "http/tried"},
    "with a certificate of its own": {"altSecurityIdentities": "X509:<I>tried<S>tried"},
    "with a logon script": {"scriptPath": "tried.bat"},
    "marked as protected": {"adminCount": "1"},
}


def test_whoever_creates_an_account_owns_it_and_the_known_gaps_are_all_there_are(operators: Operators) -> None:
    """CVE-2020-25720: a right to create is a right to write anything at birth, and owning is a right to lend rights.

    A server that refuses more than this one is welcome; one that lets more through is not.
    """
    with operators.session("onboarding1") as session:
        raw, let_through = session._ldap, set()
        for number, (name, more) in enumerate({**NEVER, **AT_BIRTH}.items()):
            dn = f"CN=Born {number},{STAFF}"
            values = {"sAMAccountName": f"born.{number}", "userAccountControl": "514", **more}
            if raw.add(dn, "user", values):
                let_through.add(name)
                assert reach(session)[dn] - {"rights 4"} == ABOUT_A_PERSON
                assert raw.delete(dn), raw.result
        assert let_through <= set(AT_BIRTH)


def test_the_traps_are_open_on_the_server_and_closed_by_the_guards(
    operators: Operators, network: Running, tmp_path: Path
) -> None:
    """A role that lies in Domain Admins, and a person in it: the rights lent reach them, as in many a real domain."""
    new = '"Delegated-Horse-44"'.encode("utf-16-le")
    role = f"CN={TRAP},{ROLES}"
    with operators.session("administrator") as admin, operators.session("apprentice1") as session:
        raw, people = session._ldap, {}
        for logon in ("old.admin", "ever.green"):
            raw.search(STAFF, f"(sAMAccountName={logon})", attributes=["cn"])
            people[logon] = raw.response[0]["dn"]
        assert raw.modify(role, {"member": [("MODIFY_ADD", [people["ever.green"]])]})
        assert raw.modify(role, {"member": [("MODIFY_DELETE", [people["ever.green"]])]})
        assert raw.modify(people["old.admin"], {"unicodePwd": [("MODIFY_REPLACE", [new])]})
        old = f'"{operators.password("people").reveal()}"'.encode("utf-16-le")
        assert admin._ldap.modify(people["old.admin"], {"unicodePwd": [("MODIFY_REPLACE", [old])]})
    mine = desk(tmp_path / "mine", network)
    for words in (("group", "add-member", "ever.green", TRAP), ("account", "reset-password", "old.admin")):
        said = mine.ops(*words, "--yes")
        assert said.code == 6, said.err
        assert "Domain Admins" in said.err
