"""The table of delegated rights, line by line, on the real server: what it allows works, the rest is refused.

Raw requests, so that none of our own guards stands between the account and the server. Each is made on people and
groups of its own, is a request the server grants to somebody who may do everything, and leaves nothing behind.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from inventory.lab.rights import LEAVERS, ROLES, SERVICE, STAFF, TABLE, Right
from inventory.lab.samba import BASE
from ops.errors import NotAuthorised
from ops.secret import Secret
from tests.network import Operators

pytestmark = pytest.mark.lab
REFUSED = 50  # insufficientAccessRights: 19 and 53 would say that the request, not the account, is wrong
NUMBERS = itertools.count(1)
PASSWORD = '"Delegated-Horse-44"'.encode("utf-16-le")
DISABLED, NORMAL, TRUSTED_FOR_DELEGATION = 0x2, 0x200, 0x80000
REPLACE = "MODIFY_REPLACE"


@dataclass
class Scene:
    """The account that tries (``raw``), and a way to have somebody to try it on.

    They are made by the domain's administrator: whoever makes an entry owns it, and may do more with it.
    """

    raw: Any
    maker: Any

    def person(self, unit: str = STAFF, **more: str | bytes) -> str:
        """A fresh, disabled account; its DN."""
        number = next(NUMBERS)
        values = {"sAMAccountName": f"delegated.{number}", "userAccountControl": str(NORMAL | DISABLED)}
        return self._made(f"CN=Delegated {number},{unit}", "user", values | more)

    def role(self) -> str:
        """A fresh, empty role group; its DN."""
        number = next(NUMBERS)
        return self._made(f"CN=role-tried-{number},{ROLES}", "group", {"sAMAccountName": f"role-tried-{number}"})

    def _made(self, dn: str, kind: str, values: Any) -> str:
        assert self.maker.add(dn, kind, values), self.maker.result
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

    def delete(self, dn: str) -> int:
        self.raw.delete(dn)
        return int(self.raw.result["result"])


def moves_and_comes_back(on: Scene) -> int:
    dn = on.person()
    code = on.move(dn, LEAVERS)
    return code or on.move(dn.replace(STAFF, LEAVERS), STAFF)


def joins_and_leaves(on: Scene) -> int:
    dn, group = on.person(), on.role()
    code = on.member(group, dn)
    return code or on.member(group, dn, "MODIFY_DELETE")


def enables_and_disables(on: Scene) -> int:
    dn = on.person(unicodePwd=PASSWORD)
    code = on.write(dn, userAccountControl=str(NORMAL))
    return code or on.write(dn, userAccountControl=str(NORMAL | DISABLED))


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
    ("enable or disable", "Staff"): enables_and_disables,
    ("set the last day", "Staff"): lambda on: on.write(on.person(), accountExpires="133000000000000000"),
    ("rename", "Staff"): lambda on: on.move(on.person(), STAFF, f"CN=Renamed {next(NUMBERS)}"),
    ("move to Leavers and back", "Staff"): moves_and_comes_back,
    ("delete a person", "Staff"): lambda on: on.delete(on.person()),
    ("create a person", "Leavers"): lambda on: new_person(on, LEAVERS),
    ("delete a person", "Leavers"): lambda on: on.delete(on.person(LEAVERS)),
    ("describe", "Leavers"): lambda on: on.write(on.person(LEAVERS), description="left"),
    ("add and remove members", "Groups/Roles"): joins_and_leaves,
    ("reset a password", "Leavers"): lambda on: on.write(on.person(LEAVERS), unicodePwd=PASSWORD),
    ("reset a password", "Service"): lambda on: on.write(on.person(SERVICE), unicodePwd=PASSWORD),
    ("delete a person", "Service"): lambda on: on.delete(on.person(SERVICE)),
    ("create a person", "Service"): lambda on: new_person(on, SERVICE),
    ("change a service account", "Service"): lambda on: on.write(on.person(SERVICE), description="x"),
    ("move a person to Service", "Staff"): lambda on: on.move(on.person(), SERVICE),
    ("create a group", "Staff"): lambda on: on.add(f"CN=tried-{next(NUMBERS)},{STAFF}", "group"),
    ("create a computer", "Staff"): lambda on: on.add(f"CN=TRIED{next(NUMBERS)},{STAFF}", "computer"),
    ("describe a role group", "Groups/Roles"): lambda on: on.write(on.role(), description="x"),
    ("delete a role group", "Groups/Roles"): lambda on: on.delete(on.role()),
    ("add members to Domain Admins", "the domain"): lambda on: on.member(
        f"CN=Domain Admins,CN=Users,{BASE}", on.person()
    ),
    ("add members to Helpdesk", "Delegation"): lambda on: on.member(f"CN=Helpdesk,OU=Delegation,{BASE}", on.person()),
    ("reset the Administrator", "the domain"): lambda on: on.write(
        f"CN=Administrator,CN=Users,{BASE}", unicodePwd=PASSWORD
    ),
    ("write a service principal name", "Staff"): lambda on: on.write(on.person(), servicePrincipalName="http/tried"),
    ("trust for delegation", "Staff"): lambda on: on.write(
        on.person(), userAccountControl=str(NORMAL | DISABLED | TRUSTED_FOR_DELEGATION)
    ),
}


def entries(raw: Any) -> dict[str, tuple[str, ...]]:
    """The domain as it stands: each entry's DN and members."""
    found = raw.extend.standard.paged_search(BASE, "(objectClass=*)", attributes=["member"], generator=True)
    return {
        one["dn"]: tuple(sorted(one["attributes"].get("member") or ()))
        for one in found
        if one["type"] == "searchResEntry"
    }


@pytest.fixture(scope="module")
def maker(operators: Operators) -> Iterator[Any]:
    """The domain's administrator, who takes everything away again that was made here."""
    with operators.session("administrator") as session:
        before = entries(session._ldap)
        yield session._ldap
        for dn in set(entries(session._ldap)) - set(before):
            assert session._ldap.delete(dn), session._ldap.result
        assert entries(session._ldap) == before


@pytest.fixture(scope="module")
def scenes(operators: Operators, maker: Any) -> Iterator[dict[str, Scene]]:
    """One scene for each account."""
    with ExitStack() as stack:
        yield {
            name: Scene(stack.enter_context(operators.session(name))._ldap, maker)
            for name in ("helpdesk1", "onboarding1", "apprentice1", "mentor1")
        }


def allowed(right: Right, account: str) -> bool:
    """What the table says; an apprentice is in both groups, a mentor in none."""
    may = {"helpdesk1": right.helpdesk, "onboarding1": right.onboarding, "mentor1": False}
    return may.get(account, right.helpdesk or right.onboarding)


def test_every_line_of_the_table_has_a_proof_and_every_proof_a_line() -> None:
    lines = [(right.what, right.where) for right in TABLE]
    assert sorted(lines) == sorted(PROOFS)


@pytest.mark.parametrize("right", TABLE, ids=lambda right: f"{right.what} in {right.where}")
def test_every_request_is_granted_to_somebody_who_may_do_everything(
    maker: Any, operators: Operators, right: Right
) -> None:
    scene = Scene(maker, maker)
    assert PROOFS[right.what, right.where](scene) == 0, maker.result
    if right.what == "reset the Administrator":
        old = f'"{operators.password("administrator").reveal()}"'
        assert scene.write(f"CN=Administrator,CN=Users,{BASE}", unicodePwd=old.encode("utf-16-le")) == 0


@pytest.mark.parametrize("account", ["helpdesk1", "onboarding1", "apprentice1", "mentor1"])
@pytest.mark.parametrize("right", TABLE, ids=lambda right: f"{right.what} in {right.where}")
def test_the_server_allows_what_the_table_says_and_refuses_the_rest(
    scenes: dict[str, Scene], right: Right, account: str
) -> None:
    code = PROOFS[right.what, right.where](scenes[account])
    assert code == (0 if allowed(right, account) else REFUSED), scenes[account].raw.result


def test_help_desk_lets_a_locked_out_person_in_again(operators: Operators, scenes: dict[str, Scene]) -> None:
    scene = scenes["helpdesk1"]
    dn = scene.person(unicodePwd=PASSWORD, userAccountControl=str(NORMAL))
    logon = dn.partition(",")[0].removeprefix("CN=").lower().replace(" ", ".")
    for _ in range(5):
        assert not signs_in(operators, logon, "Wrong-Horse-44")
    assert not signs_in(operators, logon, "Delegated-Horse-44")
    assert scene.write(dn, lockoutTime="0") == 0
    assert signs_in(operators, logon, "Delegated-Horse-44")
    assert scene.write(dn, unicodePwd='"Another-Horse-45"'.encode("utf-16-le")) == 0
    assert signs_in(operators, logon, "Another-Horse-45")


def signs_in(operators: Operators, logon: str, password: str) -> bool:
    try:
        with operators.session(logon, Secret(password)):
            return True
    except NotAuthorised:
        return False
