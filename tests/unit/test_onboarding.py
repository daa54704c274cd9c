"""Somebody joins: the whole plan before the account exists, then the account."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evidence.event import now
from ops.adapters.directory import Account
from ops.change import encode
from ops.cli.show import plan_lines
from ops.errors import Conflict, InvalidRequest, PartlyDone, Refused
from ops.plan import Plan, Planner, Projections, load, replay, stamped
from ops.playbook import plan_row
from ops.playbook_file import parse
from ops.secret import Secret, Slot
from tests.company import AMY, CONSTANTS, PLACES, ROOT, Company, company, person


def sentences(plan: object) -> list[str]:
    return [item.change.sentence() for item in plan.items]


def test_the_whole_onboarding_is_shown_before_the_account_exists(office: Company) -> None:
    plan = office.plan(AMY)
    assert sentences(plan) == [
        "is created in Staff, disabled",
        "joins role-sales",
        "joins vpn",
        "gets a login on srv1",
        "gets the folder /home/amy.ng",
        "gets the folder /srv/home/amy.ng",
        "gets a new password, to be changed at the next sign-in",
        "gets a sheet with the password, to be handed over",
        "gets a welcome letter",
        "is enabled",
    ]
    assert office.directory.find("sAMAccountName", "amy.ng") == ()
    assert {item.about for item in plan.items} >= {"Amy Ng (amy.ng)"}


def test_a_step_without_a_target_is_not_done_here_and_what_waited_for_it_goes_on(
    office: Company,
) -> None:
    playbook = parse(ROOT / "playbooks/user/onboard.yaml", "user/onboard")
    planner = Planner(Projections(office.targets))
    bound = plan_row(playbook, CONSTANTS | AMY, planner, {"directory": ("dc1",)})
    assert sorted(bound.not_done) == ["assets", "end", "home", "letters", "login", "password", "quota", "seats"]
    plan = stamped(Plan("t", "user/onboard", bound.steps, tuple(planner.items), bound.not_done), now())
    enable = next(item for item in plan.items if item.change.sentence() == "is enabled")
    assert {plan.items[number].step for number in enable.after} == {"account", "groups"}
    assert "not done here: password" in "\n".join(plan_lines(plan, details=False))
    assert load(plan.dump()).not_done == bound.not_done


def test_onboarding_makes_the_account_as_planned_and_hands_over_the_password(office: Company) -> None:
    office.do(office.plan(AMY))
    user = office.directory.account("amy.ng")
    assert (user.enabled, user.must_change_password, user.first("mail")) == (True, True, "amy.ng@lab.example")
    assert user.groups == {"guid:role-sales", "guid:vpn"}
    assert "amy.ng@lab.example" in office.desk.read("amy.ng")
    assert office.events()[-1].kind == "verified"


def test_a_second_run_finds_nothing_to_do(office: Company) -> None:
    office.do(office.plan(AMY))
    assert office.plan(AMY).items == ()


def test_a_second_person_of_the_same_name_gets_another_logon_name(office: Company) -> None:
    office.do(office.plan(AMY))
    office.do(office.plan(AMY | {"employee": "1002"}), "r2")
    assert office.directory.account("amy.ng2").first("employeeID") == "1002"


def test_two_rows_of_one_name_see_each_other_before_either_exists(office: Company) -> None:
    plan = office.plan(AMY, AMY | {"employee": "1002"})
    assert {item.change.after["sAMAccountName"] for item in plan.items if isinstance(item.change, Account)} == {
        ("amy.ng",),
        ("amy.ng2",),
    }


def test_a_name_somebody_had_before_is_never_given_again(office: Company) -> None:
    office.do(office.plan({"given": "Gone", "family": "Before", "employee": "7"}))
    assert office.directory.find("employeeID", "7")[0].logon_name == "gone.before2"


def test_enabling_waits_for_the_password_and_the_groups(office: Company) -> None:
    items = office.plan(AMY).items
    enable = next(item for item in items if item.change.sentence() == "is enabled")
    waited_for = {items[number].change.sentence() for number in enable.after}
    assert "gets a sheet with the password, to be handed over" in waited_for
    assert "joins vpn" in waited_for


def test_a_saved_plan_is_read_back_as_it_was_and_an_edited_one_refused(office: Company) -> None:
    plan = office.plan(AMY)
    assert load(plan.dump()) == plan
    with pytest.raises(InvalidRequest, match="edited"):
        load(plan.dump().replace("Amy", "Eve"))
    with pytest.raises(InvalidRequest, match="not a plan file"):
        load(plan.dump()[:-40])


def test_a_saved_plan_is_refused_when_the_directory_has_moved_on(office: Company) -> None:
    plan = load(office.plan(AMY).dump())
    office.do(office.plan(AMY | {"employee": "9"}))
    with pytest.raises(Conflict):
        replay(plan.items, Projections(office.targets))


def test_a_plan_holds_where_the_password_comes_from_and_never_the_password(office: Company) -> None:
    plan = office.plan(AMY)
    office.do(plan)
    secret = office.desk.read("amy.ng").split("First password  ")[1].split()[0]
    written = plan.dump() + json.dumps([[event.body, event.private] for event in office.log], default=str)
    assert Slot("generated") in [item.change.after for item in plan.items]
    assert secret not in written
    assert list((office.path / "keeper").iterdir()) == []


@pytest.mark.parametrize("value", [Secret("hush"), 1.5, b"x", object()])
def test_a_plan_takes_nothing_it_could_not_say_in_full(value: object) -> None:
    with pytest.raises(TypeError, match="a plan cannot hold"):
        encode({"password": value})


def test_the_public_half_of_a_plan_names_nobody(office: Company) -> None:
    office.do(office.plan(AMY))
    public = json.dumps([event.body for event in office.log], default=str)
    assert not [word for word in ("Amy", "amy", "Ng", "1001", "role-sales") if word in public]


def test_undo_leaves_nothing_behind(office: Company) -> None:
    office.do(office.plan(AMY))
    undo = office.undo()
    assert undo.lost == ()
    assert office.directory.find("employeeID", "1001") == ()
    assert office.desk.everybody() == ()
    assert office.events("r1u")[-1].kind == "verified"


def test_undo_of_an_account_somebody_touched_disables_and_keeps_it_with_the_others_edit(office: Company) -> None:
    office.do(office.plan(AMY))
    user = office.directory.account("amy.ng")
    office.directory.swap(user.ref, "displayName", ("Amy Ng",), ("Amy Ng-Smith",))
    office.undo()
    kept = office.directory.account("amy.ng")
    assert (kept.name, kept.enabled, kept.groups) == ("Amy Ng-Smith", False, frozenset())
    assert kept.dn.endswith(PLACES["leavers"])


def test_undo_of_an_account_somebody_put_into_a_group_leaves_that_group_alone(office: Company) -> None:
    office.do(office.plan(AMY | {"groups": "vpn"}))
    user = office.directory.account("amy.ng")
    office.directory.link("guid:role-sales", user.ref, False, True)
    office.undo()
    assert office.directory.account("amy.ng").groups == {"guid:role-sales"}


def test_undo_is_refused_as_a_whole_if_somebody_moved_what_the_run_had_set(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy"))
    office.do(office.one("account.disable", account="amy"))
    office.directory.swap("guid:amy", "userAccountControl", ("514",), ("66050",))
    with pytest.raises(Conflict):
        office.undo()
    assert office.events("r1u") == []


def test_a_mail_address_somebody_else_has_is_refused(tmp_path: Path) -> None:
    office = company(tmp_path, person("other", mail="amy.ng@lab.example"))
    with pytest.raises(Conflict, match="already belongs to Other"):
        office.plan(AMY)


def test_a_mail_address_taken_between_plan_and_apply_stops_that_account(office: Company) -> None:
    plan = office.plan(AMY)
    run = office.run()
    taken = person("other", mail="amy.ng@lab.example")
    office.directory._keep(taken.ref, taken)
    with pytest.raises((Conflict, PartlyDone)):
        run.start(plan)
    assert office.directory.find("sAMAccountName", "amy.ng") == ()


def test_a_logon_name_of_another_person_is_refused(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy.ng", employeeID="5"))
    with pytest.raises(Refused, match="belongs to"):
        office.plan(AMY | {"logon": "amy.ng"})


def test_a_manager_is_written_as_the_place_of_their_entry(tmp_path: Path) -> None:
    office = company(tmp_path, person("boss"))
    office.do(office.plan(AMY | {"manager": "boss"}))
    assert office.directory.account("amy.ng").get("manager") == (f"CN=boss,{PLACES['staff']}",)


def test_a_reset_that_cannot_be_taken_back_leaves_its_sheet_to_be_handed_over(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy", lockoutTime="133000000000000000"))
    office.do(office.one("account.reset_password", account="amy"))
    undo = office.undo()
    assert [line.split(" gets")[0] for line in undo.lost] == ["Amy (amy)"]
    assert office.desk.everybody() == ("amy",)
    assert office.directory.account("amy").locked


def test_a_second_reset_waits_until_the_first_was_handed_over(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy"))
    office.do(office.one("account.reset_password", account="amy"))
    assert office.one("account.reset_password", account="amy").items == ()
    office.desk.take_back("amy")
    assert office.one("account.reset_password", account="amy").items


def test_undo_takes_login_key_and_homes_away_again(office: Company) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleWtleWtleWtleWtleWtleWtleWtleWtleWtl amy"
    office.do(office.plan(AMY | {"ssh_key": key}))
    server, files = office.targets["srv1"], office.targets["fs1"]
    assert key in "".join(server.read("keys:amy.ng").values())
    undo = office.undo()
    assert undo.lost == ()
    assert (server.read("login:amy.ng"), server.read("folder:/home/amy.ng")) == (None, None)
    assert files.read("folder:/srv/home/amy.ng") is None
