"""What single operations on accounts write, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ops.adapters.handover import Sheet
from ops.adapters.handover_folder import HandoverFolder
from ops.errors import Conflict, InvalidRequest, NotFound, Refused
from ops.params import parse_date
from ops.secret import Secret
from tests.company import AMY, Company, company, person
from tests.mortal import Killed


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2999, 1, 1), "works up to and including 2999-01-01"),
        (date(2001, 1, 1), "is expired: the last day was 2001-01-01"),
    ],
)
def test_a_last_day_that_is_over_is_said_to_end_the_account(tmp_path: Path, day: date, said: str) -> None:
    office = company(tmp_path, person("amy"))
    assert [item.change.sentence() for item in office.one("account.expire", account="amy", day=day).items] == [said]


def test_ticket_and_reason_stand_in_the_description_of_what_is_made(office: Company) -> None:
    office.do(office.plan(AMY | {"why": "T-7: new contract", "middle": "Xiu"}))
    user = office.directory.account("amy.ng")
    assert (user.first("description"), user.first("initials")) == ("T-7: new contract", "X")


def test_disabling_adds_the_reason_to_the_description_and_undo_takes_it_out_again(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy", description="Room 3"))
    office.do(office.one("account.disable", account="amy", why="T-8"))
    assert office.directory.account("amy").first("description") == "Room 3; disabled: T-8"
    office.undo()
    amy = office.directory.account("amy")
    assert (amy.enabled, amy.first("description")) == (True, "Room 3")


def test_a_namesake_gets_the_middle_initial_before_a_number(office: Company) -> None:
    office.do(office.plan(AMY))
    office.do(office.plan(AMY | {"employee": "1002", "middle": "Xiu"}), "r2")
    assert office.directory.find("employeeID", "1002")[0].logon_name == "amy.x.ng"


def test_a_rename_without_a_new_logon_name_keeps_the_sign_in_name_and_its_domain(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy", userPrincipalName="amy@school.org", givenName="Amy", sn="Ng"))
    office.do(office.one("account.rename", account="amy", family="Okafor"))
    assert office.directory.account("amy").first("userPrincipalName") == "amy@school.org"
    office.do(office.one("account.rename", account="amy", logon="amy.okafor"), "r2")
    assert office.directory.account("amy.okafor").first("userPrincipalName") == "amy.okafor@school.org"


def test_a_leaver_who_comes_back_is_not_made_or_enabled_in_passing(tmp_path: Path) -> None:
    gone = person("amy.ng", place="leavers", employeeID="1001", userAccountControl="514")
    office = company(tmp_path, gone)
    with pytest.raises(Refused, match="among the leavers"):
        office.plan(AMY)


def test_an_entry_that_somebody_else_made_at_the_same_moment_is_a_conflict_and_never_ours(office: Company) -> None:
    """Our request may have been lost and theirs have come through: only what carries our mark is ours."""
    plan = office.plan(AMY)

    def die_before_it_is_sent(*events: object, owed: bool = False) -> None:
        office.record(*events)
        if any(event.kind == "intent" for event in events):
            raise Killed

    with pytest.raises(Killed):
        office.run(record=die_before_it_is_sent).start(plan)
    theirs = dict(plan.items[0].change.after) | {"adminDescription": ("ops 0000000000000000",)}
    replace(plan.items[0].change, after=theirs).apply(office.directory)
    with pytest.raises(Conflict):
        office.resume()
    assert office.directory.account("amy.ng").first("adminDescription") == "ops 0000000000000000"
    assert not office.directory.account("amy.ng").enabled


def test_a_place_that_does_not_exist_is_refused_while_planning(office: Company) -> None:
    with pytest.raises(Exception, match="no organisational unit OU=Nowhere"):
        office.one(
            "account.create", logon="a.b", given="A", family="B", employee="1", place="OU=Nowhere,DC=lab,DC=example"
        )


def test_the_mark_is_fresh_each_time_and_names_nobody(office: Company) -> None:
    marks = {office.plan(AMY).items[0].change.after["adminDescription"] for _ in range(5)}
    assert len(marks) == 5
    assert not [mark for (mark,) in marks if "amy" in mark]


def test_a_rename_that_is_done_is_found_done_and_a_typing_error_renames_nobody_else(tmp_path: Path) -> None:
    amy, bob = person("amy", givenName="Amy", sn="Ng"), person("bob", rid=2001, givenName="Bob", sn="Li")
    office = company(tmp_path, amy, bob)
    office.do(office.one("account.rename", account="amy", logon="amy.ng"))
    assert office.one("account.rename", account="amy", logon="amy.ng").items == ()
    with pytest.raises(NotFound, match="there is no account amz"):
        office.one("account.rename", account="amz", given="Amelie", logon="bob")


def test_a_logon_name_that_is_taken_is_refused_while_planning_and_nothing_is_renamed(tmp_path: Path) -> None:
    office = company(tmp_path, person("amy", givenName="Amy", sn="Ng"), person("bob", 2001))
    with pytest.raises(Conflict, match="bob already belongs to somebody else"):
        office.one("account.rename", account="amy", logon="bob")


def test_a_new_logon_name_waits_until_the_sheet_with_the_old_one_was_handed_over(office: Company) -> None:
    office.do(office.plan(AMY))
    with pytest.raises(Refused, match="waiting to be handed over"):
        office.one("account.rename", account="amy.ng", logon="amy.okafor")
    office.desk.take_back("amy.ng")
    assert office.one("account.rename", account="amy.ng", logon="amy.okafor").items


@pytest.mark.parametrize("text", ["0001-01-01", "1600-12-31", "1969-12-31", "3000-01-01", "9999-12-31"])
def test_a_day_no_directory_can_keep_is_refused_and_not_taken_for_never(text: str) -> None:
    with pytest.raises(InvalidRequest, match="not a day anything ends"):
        parse_date(text)


@pytest.mark.parametrize("logon", ["o'neil", "a%b", ".hidden", "..", "a/b", "müller", "a.b"])
def test_a_sheet_is_listed_under_the_name_it_is_read_by(tmp_path: Path, logon: str) -> None:
    desk = HandoverFolder(tmp_path / "desk")
    desk.put(Sheet(logon, "x", "x", Secret("x")))
    assert desk.everybody() == (logon,)
    assert desk.read(logon)
    assert [path.parent.name for path in (tmp_path / "desk").iterdir()] == ["desk"]
    desk.take_back(logon)
    assert desk.everybody() == ()
