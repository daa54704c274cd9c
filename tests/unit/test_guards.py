"""Guards: what this tool refuses whatever rights it was lent. Each was seen to fail with its guard removed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ops.adapters.directory_entry import Entry
from ops.errors import Refused
from ops.plan import Projections, load, remaining, told
from ops.secret import Slot
from tests.company import company, person

PROTECTED = {
    "a direct member of Domain Admins": person("x", groups=("Domain Admins",)),
    "a member of a group inside Domain Admins": person("x", groups=("role-legacy-admins",)),
    "somebody whose primary group is Domain Admins": person("x", primaryGroupID="512"),
    "somebody marked by adminCount": person("x", adminCount="1"),
    "the built-in Administrator": person("x", rid=500),
    "krbtgt": person("x", rid=502),
    "krbtgt of a read-only controller": person("krbtgt_7"),
    "a service account by its place": person("x", place="service"),
    "a service account by its service name": person("x", servicePrincipalName="http/x"),
    "yourself": person("me"),
    "a computer": replace(person("x"), attributes=person("x").attributes | {"objectClass": ("user", "computer")}),
    "a managed service account": replace(
        person("x"),
        attributes=person("x").attributes | {"objectClass": ("computer", "msDS-GroupManagedServiceAccount")},
    ),
}


@pytest.mark.parametrize("who", PROTECTED)
@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("account.disable", {}),
        ("account.reset_password", {"password": Slot("generated")}),
        ("account.relocate", {"place": "leavers"}),
        ("account.rename", {"given": "New"}),
        ("account.expire", {"day": __import__("datetime").date(2030, 1, 1)}),
        ("group.add_member", {"groups": ("vpn",)}),
    ],
)
def test_protected_accounts_are_refused(tmp_path: Path, who: str, operation: str, arguments: dict[str, object]) -> None:
    entry: Entry = PROTECTED[who]
    office = company(tmp_path, entry)
    with pytest.raises(Refused):
        office.one(operation, account=entry.logon_name, **arguments)


@pytest.mark.parametrize("group", ["Domain Admins", "role-legacy-admins"])
def test_a_group_that_is_protected_or_lies_in_one_takes_no_members(tmp_path: Path, group: str) -> None:
    office = company(tmp_path, person("amy"))
    with pytest.raises(Refused, match="Domain Admins"):
        office.one("group.add_member", account="amy", groups=(group,))


def test_a_guard_is_asked_again_just_before_the_change(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy"))
    plan = office.one("account.disable", account="amy")
    office.directory.link("guid:Domain Admins", "guid:amy", False, True)
    with pytest.raises(Refused, match="Domain Admins"):
        office.run().start(plan, check=False)
    assert office.directory.account("amy").enabled


def test_a_saved_plan_meets_the_guards_again_before_anything_is_written(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy"))
    plan = office.one("account.disable", account="amy")
    office.directory.link("guid:Domain Admins", "guid:amy", False, True)
    with pytest.raises(Refused, match="Domain Admins"):
        office.run().start(plan)
    assert office.log == []


def test_taking_back_never_fills_a_group_that_has_become_privileged_since(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy", groups=("vpn",)))
    office.do(office.one("group.remove_member", account="amy", groups=("vpn",)))
    office.directory.link("guid:Domain Admins", "guid:vpn", False, True)
    with pytest.raises(Refused, match="Domain Admins"):
        office.undo()
    assert office.directory.account("amy").groups == frozenset()


def test_a_plan_file_without_its_guards_is_not_what_planning_gives(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy"))
    plan = office.one("account.disable", account="amy")
    bare = load(replace(plan, items=tuple(replace(item, premises=()) for item in plan.items)).dump())
    assert told(remaining(plan, Projections(office.targets))) == told(plan.items)
    assert told(remaining(bare, Projections(office.targets))) != told(bare.items)


def test_an_account_that_needs_no_password_is_not_enabled(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy", userAccountControl=str(514 | 0x20)))
    with pytest.raises(Refused, match="PASSWD_NOTREQD"):
        office.one("account.enable", account="amy")


def test_a_leaver_is_not_simply_enabled_again(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy", place="leavers", userAccountControl="514"))
    with pytest.raises(Refused, match="leavers"):
        office.one("account.enable", account="amy")
