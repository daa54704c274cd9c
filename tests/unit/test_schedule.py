"""Who begins with a last day is on the schedule to leave; another day takes the place of the one before."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.company import AMY, Company, company, person
from tests.unit.test_onboarding import sentences


def jobs(office: Company) -> list[str]:
    return [str(page["on"]) for page in office.targets["plans"].pages().values()]


def test_a_contract_that_ends_puts_the_leaving_on_the_day_after(office: Company) -> None:
    plan = office.plan(AMY | {"last_day": "2027-03-31"})
    assert "has user offboard on 2027-04-01 on the schedule" in sentences(plan)
    office.do(plan)
    assert jobs(office) == ["2027-04-01"]
    assert office.plan(AMY | {"last_day": "2027-03-31"}).items == ()


def test_without_an_end_nobody_leaves_by_date(office: Company) -> None:
    office.do(office.plan(AMY))
    assert jobs(office) == []


def test_another_day_takes_the_place_of_the_one_before_and_never_takes_it_off(office: Company) -> None:
    office.do(office.plan(AMY | {"last_day": "2027-03-31"}))
    office.do(office.one("schedule.leave_on", account="amy.ng", day=date(2027, 6, 30)), "r2")
    assert jobs(office) == ["2027-07-01"]
    office.undo("r2")
    assert jobs(office) == ["2027-04-01"]
    office.do(office.one("schedule.leave_on", account="amy.ng", day=None), "r3")
    assert jobs(office) == []


def test_taking_the_starter_back_takes_the_leaving_off(office: Company) -> None:
    office.do(office.plan(AMY | {"last_day": "2027-03-31"}))
    office.undo()
    assert jobs(office) == []


def test_a_job_that_was_begun_is_not_moved(office: Company) -> None:
    office.do(office.plan(AMY | {"last_day": "2027-03-31"}))
    (name,) = office.targets["plans"].pages()
    office.targets["plans"].note(name, run="R1")
    plan = office.one("schedule.leave_on", account="amy.ng", day=None)
    assert plan.items == ()


def test_a_job_says_whose_leaving_it_is_and_who_follows(tmp_path: Path) -> None:
    office = company(tmp_path, person("bob", employeeID="B"))
    office.do(office.plan(AMY | {"last_day": "2027-06-30"}))
    office.do(office.one("schedule.leave_on", account="amy.ng", day=date(2027, 6, 30), successor="bob"), "r2")
    ((_, page),) = office.targets["plans"].pages().items()
    assert (page["employee"], page["answers"]) == ("1001", {"logon": "amy.ng", "successor": "bob"})


def test_leaving_early_takes_the_later_day_off(tmp_path: Path) -> None:
    office = company(tmp_path, person("bob", uidNumber="10900", employeeID="B"))
    office.do(office.plan(AMY | {"last_day": "2027-03-31", "manager": "bob"}))
    office.do(office.plan({"logon": "amy.ng"}, book="user/offboard"), "r2")
    assert jobs(office) == []
