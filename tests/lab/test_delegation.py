"""The table of delegated rights, line by line, on the real server: what it allows works, the rest is refused.

Raw requests, so that none of our own guards stands between the account and the server.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from inventory.lab.rights import GROUPS, LEAVERS, ROLES, SERVICE, STAFF, TABLE, Right
from inventory.lab.samba import BASE
from tests.network import Operators

pytestmark = pytest.mark.lab
REFUSED = {50: "insufficientAccessRights", 53: "unwillingToPerform", 19: "constraintViolation"}
NUMBERS = itertools.count(1)
PASSWORD = '"Delegated-Horse-44"'.encode("utf-16-le")
REPLACE = "MODIFY_REPLACE"


@dataclass
class Scene:
    """The account that tries (``raw``), and a way to have people to try it on."""

    raw: Any
    maker: Any

    def person(self, unit: str = STAFF) -> str:
        """A fresh account, made by somebody who may; its DN."""
        number = next(NUMBERS)
        dn = f"CN=Delegated {number},{unit}"
        values = {"sAMAccountName": f"delegated.{number}", "userAccountControl": "514"}
        assert self.maker.add(dn, "user", values), self.maker.result
        return dn

    def write(self, dn: str, **values: str | bytes) -> int:
        self.raw.modify(dn, {name: [(REPLACE, [value])] for name, value in values.items()})
        return int(self.raw.result["result"])

    def add(self, dn: str, kind: str, **values: str) -> int:
        self.raw.add(dn, kind, values)
        return int(self.raw.result["result"])

    def member(self, group: str, dn: str, how: str = "MODIFY_ADD") -> int:
        self.raw.modify(group, {"member": [(how, [dn])]})
        return int(self.raw.result["result"])

    def move(self, dn: str, unit: str, name: str = "") -> int:
        name = name or dn.partition(",")[0]
        self.raw.modify_dn(dn, name, new_superior=unit)
        return int(self.raw.result["result"])


def moves_and_comes_back(on: Scene) -> int:
    dn = on.person()
    code = on.move(dn, LEAVERS)
    return code or on.move(dn.replace(STAFF, LEAVERS), STAFF)


def joins_and_leaves(on: Scene) -> int:
    dn, group = on.person(), f"CN=role-it,{ROLES}"
    code = on.member(group, dn)
    return code or on.member(group, dn, "MODIFY_DELETE")


def new_person(on: Scene, unit: str) -> int:
    number = next(NUMBERS)
    return on.add(f"CN=Tried {number},{unit}", "user", sAMAccountName=f"tried.{number}", userAccountControl="514")


PROOFS: dict[tuple[str, str], Callable[[Scene], int]] = {
    ("reset a password", "Staff"): lambda on: on.write(on.person(), unicodePwd=PASSWORD),
    ("force a password change", "Staff"): lambda on: on.write(on.person(), pwdLastSet="0"),
    ("unlock", "Staff"): lambda on: on.write(on.person(), lockoutTime="0"),
    ("create a person", "Staff"): lambda on: new_person(on, STAFF),
    ("change title, department, manager", "Staff"): lambda on: on.write(
        on.person(), title="Clerk", department="Sales", manager=on.person()
    ),
    ("enable or disable", "Staff"): lambda on: on.write(on.person(), userAccountControl="514"),
    ("set the last day", "Staff"): lambda on: on.write(on.person(), accountExpires="133000000000000000"),
    ("rename", "Staff"): lambda on: on.move(on.person(), STAFF, f"CN=Renamed {next(NUMBERS)}"),
    ("move to Leavers and back", "Staff"): moves_and_comes_back,
    ("describe", "Leavers"): lambda on: on.write(on.person(LEAVERS), description="left"),
    ("add and remove members", "Groups/Roles"): joins_and_leaves,
    ("reset a password", "Leavers"): lambda on: on.write(on.person(LEAVERS), unicodePwd=PASSWORD),
    ("create a person", "Service"): lambda on: new_person(on, SERVICE),
    ("change a service account", "Service"): lambda on: on.write(f"CN=Backup service,{SERVICE}", description="x"),
    ("move a person to Service", "Staff"): lambda on: on.move(on.person(), SERVICE),
    ("create a group", "Staff"): lambda on: on.add(f"CN=tried-{next(NUMBERS)},{STAFF}", "group"),
    ("create a computer", "Staff"): lambda on: on.add(f"CN=TRIED{next(NUMBERS)},{STAFF}", "computer"),
    ("describe a role group", "Groups/Roles"): lambda on: on.write(f"CN=role-it,{ROLES}", description="x"),
    ("delete a role group", "Groups/Roles"): lambda on: delete(on, f"CN=role-it,{ROLES}"),
    ("add members to Domain Admins", "the domain"): lambda on: on.member(
        f"CN=Domain Admins,CN=Users,{BASE}", on.person()
    ),
    ("add members to Helpdesk", "Delegation"): lambda on: on.member(f"CN=Helpdesk,OU=Delegation,{BASE}", on.person()),
    ("reset the Administrator", "the domain"): lambda on: on.write(
        f"CN=Administrator,CN=Users,{BASE}", unicodePwd=PASSWORD
    ),
    ("write a service principal name", "Staff"): lambda on: on.write(on.person(), servicePrincipalName="http/tried"),
    ("trust for delegation", "Staff"): lambda on: on.write(on.person(), userAccountControl=str(0x80202)),
}


def delete(on: Scene, dn: str) -> int:
    on.raw.delete(dn)
    return int(on.raw.result["result"])


@pytest.fixture(scope="module")
def scenes(operators: Operators) -> Any:
    """One scene for each account, all with the same maker."""
    with ExitStack() as stack:
        maker = stack.enter_context(operators.session("onboarding1"))._ldap
        yield {
            name: Scene(stack.enter_context(operators.session(name))._ldap, maker)
            for name in ("helpdesk1", "onboarding1", "apprentice1", "mentor1")
        }


def allowed(right: Right, account: str) -> bool:
    """What the table says; an apprentice is in both groups, a mentor in none."""
    may = {"helpdesk1": right.helpdesk, "onboarding1": right.onboarding, "mentor1": False}
    return may.get(account, right.helpdesk or right.onboarding)


def test_every_line_of_the_table_has_a_proof_and_every_proof_a_line() -> None:
    assert {(right.what, right.where) for right in TABLE} == set(PROOFS)
    assert GROUPS in ROLES


@pytest.mark.parametrize("account", ["helpdesk1", "onboarding1", "apprentice1", "mentor1"])
@pytest.mark.parametrize("right", TABLE, ids=lambda right: f"{right.what} in {right.where}")
def test_the_server_allows_what_the_table_says_and_refuses_the_rest(
    scenes: dict[str, Scene], right: Right, account: str
) -> None:
    code = PROOFS[right.what, right.where](scenes[account])
    if allowed(right, account):
        assert code == 0, scenes[account].raw.result
    else:
        assert code in REFUSED, scenes[account].raw.result
