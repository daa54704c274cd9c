"""Who begins with a last day is on the schedule to leave; another day takes the place of the one before."""

from __future__ import annotations

from datetime import date

from tests.company import AMY, Company
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
