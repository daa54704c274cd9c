"""Cut off in an emergency, and coming back: the old groups never by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.adapters.host import NEVER, ONCE
from ops.errors import Refused
from ops.plan import Planner, Projections
from ops.playbook import plan_row
from ops.playbook_file import parse
from tests.company import AMY, CONSTANTS, INVENTORY, PLACES, ROOT, Company
from tests.unit.test_crash import staffed
from tests.unit.test_onboarding import sentences

CUT, LEAVE, BACK = "user/cut_off", "user/offboard", "user/rehire"
WHO = {"logon": "amy.ng"}


@pytest.fixture
def office(tmp_path: Path) -> Company:
    return staffed(tmp_path)


def test_a_cut_takes_every_way_in_first_and_nothing_else(office: Company) -> None:
    plan = office.plan(WHO, book=CUT)
    assert sentences(plan)[:2] == ["is disabled", "gets two random passwords in a row, so that no old one works"]
    assert sentences(plan)[-1].startswith("is written into the leavers' book")
    assert not [line for line in sentences(plan) if "packed" in line or "leaves" in line and "book" not in line]
    office.do(plan, "cut")
    assert not office.directory.account("amy.ng").enabled
    assert office.targets["srv1"].read("login:amy.ng")["expires"] == ONCE
    assert office.plan(WHO, book=CUT).items == ()


def test_after_a_cut_the_leaving_does_only_the_rest(office: Company) -> None:
    office.do(office.plan(WHO, book=CUT), "cut")
    rest = office.plan(WHO, book=LEAVE)
    assert not [line for line in sentences(rest) if "password" in line or "srv1" in line or line == "is disabled"]
    office.do(rest, "leave")
    assert office.directory.account("amy.ng").dn.endswith(PLACES["leavers"])


def test_a_cut_is_taken_back_whole(office: Company) -> None:
    before = office.directory.account("amy.ng")
    office.do(office.plan(WHO, book=CUT), "cut")
    office.undo("cut")
    after = office.directory.account("amy.ng")
    assert (after.enabled, after.groups, after.get("logonHours")) == (True, before.groups, ())
    assert office.targets["srv1"].read("login:amy.ng")["expires"] == NEVER


def test_somebody_who_comes_back_gets_todays_groups_a_new_password_and_the_old_home(office: Company) -> None:
    uid = office.directory.account("amy.ng").first("uidNumber")
    office.do(office.plan(WHO, book=LEAVE), "leave")
    plan = office.plan(WHO | {"groups": "role-sales"}, book=BACK)
    office.do(plan, "back")
    user = office.directory.account("amy.ng")
    assert user.dn.endswith(PLACES["staff"])
    assert (user.enabled, user.must_change_password, user.groups) == (True, True, {"guid:role-sales"})
    assert (user.get("logonHours"), user.expires) == ((), None)
    assert office.targets["srv1"].read("login:amy.ng")["expires"] == NEVER
    assert office.targets["srv1"].read("keys:amy.ng") is None
    assert office.targets["fs1"].read("folder:/srv/home/amy.ng")["owner"] == uid
    assert office.desk.everybody() == ("amy.ng",)
    assert office.targets["book"].page("amy.ng") is None
    assert office.plan(WHO | {"groups": "role-sales"}, book=BACK).items == ()


def notes(office: Company, **more: str) -> tuple[str, ...]:
    book = parse(ROOT / "playbooks/user/rehire.yaml", BACK)
    return plan_row(book, CONSTANTS | WHO | more, Planner(Projections(office.targets)), INVENTORY).notes


def test_without_groups_it_is_said_that_none_comes_back_and_which_there_were(office: Company) -> None:
    assert notes(office) == ()
    office.do(office.plan(WHO, book=LEAVE), "leave")
    (said,) = notes(office)
    assert said.startswith("groups: none comes back by itself")
    assert "role-sales, vpn" in said
    assert not [line for line in sentences(office.plan(WHO, book=BACK)) if line.startswith("joins")]
    assert notes(office, groups="vpn") == ()


def test_a_group_that_became_privileged_is_refused_to_who_comes_back(office: Company) -> None:
    office.do(office.plan(WHO, book=LEAVE), "leave")
    with pytest.raises(Refused, match="Domain Admins"):
        office.plan(WHO | {"groups": "role-legacy-admins"}, book=BACK)


def test_coming_back_is_taken_back_into_the_book(office: Company) -> None:
    office.do(office.plan(WHO, book=LEAVE), "leave")
    page = office.targets["book"].page("amy.ng")
    office.do(office.plan(WHO, book=BACK), "back")
    office.undo("back")
    user = office.directory.account("amy.ng")
    assert not user.enabled
    assert user.dn.endswith(PLACES["leavers"])
    assert office.targets["book"].page("amy.ng") == page


def test_somebody_who_never_left_is_not_changed_by_a_rehire(office: Company) -> None:
    assert office.plan(WHO, book=BACK).items == ()


def test_the_plan_of_a_starter_is_as_before(office: Company) -> None:
    assert office.plan(AMY | {"manager": "bob"}).items == ()
