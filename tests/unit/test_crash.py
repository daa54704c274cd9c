"""A run that dies at any boundary is resumed to the planned state, each change applied once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evidence.event import Event
from ops.change import Change
from ops.errors import ApplyFailed, EvidenceUnavailable, OutcomeUnknown, PartlyDone
from ops.history import fold
from ops.plan import Plan
from ops.runner import Interrupted, Run
from tests.company import AMY, Company, company, person
from tests.mortal import Clock, Killed, MortalTarget, kill

ROWS = [AMY, AMY | {"employee": "1002"}, AMY | {"given": "Zoë", "employee": "1003"}]


def mortal(office: Company, run: str, dies_at: int, wave: int = 1, die: Any = kill) -> Run:
    clock = Clock(dies_at, die)

    def record(*events: Event, owed: bool = False) -> None:
        clock.tick()
        office.record(*events)
        clock.tick()

    targets = {name: MortalTarget(target, clock) for name, target in office.targets.items()}
    return Run(run, targets, record, office.run().keeper, wave)


def survive(office: Company, plan: Plan, dies_at: int, wave: int) -> bool:
    """Run, die, resume; say whether it died."""
    try:
        mortal(office, "r1", dies_at, wave).start(plan)
    except Killed:
        if office.events():
            office.run(wave=wave).go_on(office.history())
        else:
            office.run(wave=wave).start(plan)
        return True
    return False


def check(office: Company, plan: Plan) -> set[str]:
    history = office.history()
    assert sorted(history.outcomes) == sorted(history.intents) == list(range(len(plan.items)))
    assert [event.kind for event in office.events()].count("outcome") == len(plan.items)
    assert office.events()[-1].kind == "verified"
    return set(history.outcomes.values())


@pytest.mark.parametrize(("rows", "wave"), [([AMY], 1), (ROWS, 4)])
def test_killed_at_every_boundary_and_resumed(tmp_path: Path, rows: list[dict[str, str]], wave: int) -> None:
    results: set[str] = set()
    boundary, died = 1, True
    while died:
        office = company(tmp_path / str(boundary))
        plan = office.plan(*rows)
        died = survive(office, plan, boundary, wave)
        results |= check(office, plan)
        assert office.plan(*rows).items == ()
        assert len(office.desk.everybody()) == len(rows)
        boundary += 1
    assert results == {"changed", "confirmed"}
    assert boundary > 2 * len(plan.items)


def staffed(path: Path) -> Company:
    """A company in which Amy has worked for a while."""
    office = company(path, person("bob", uidNumber="10900", employeeID="B"))
    office.do(office.plan(AMY | {"manager": "bob"}), "hire")
    server = office.targets["srv1"]
    server.swap("keys:amy.ng", None, {"/home/amy.ng/.ssh/authorized_keys": "ssh-ed25519 AAAA amy\n"})
    server.swap("jobs:amy.ng", None, {"text": "1 1 * * * true\n"})
    server.swap("processes:amy.ng", None, {"processes": "3", "sessions": "1"})
    return office


def test_a_leaving_killed_at_every_boundary_is_resumed(tmp_path: Path) -> None:
    results: set[str] = set()
    boundary, died = 1, True
    while died:
        office = staffed(tmp_path / str(boundary))
        plan = office.plan({"logon": "amy.ng"}, book="user/offboard")
        died = survive(office, plan, boundary, 1)
        results |= check(office, plan)
        assert office.plan({"logon": "amy.ng"}, book="user/offboard").items == ()
        boundary += 1
    assert results == {"changed", "confirmed"}
    assert boundary > 2 * len(plan.items)


def test_a_resume_that_dies_too_is_resumed(office: Company) -> None:
    plan = office.plan(AMY)
    with pytest.raises(Killed):
        mortal(office, "r1", 9).start(plan)
    for _ in range(30):
        try:
            mortal(office, "r1", 4).go_on(office.history())
            break
        except Killed:
            continue
    else:
        office.resume()
    check(office, plan)


def at_password_item(plan: Plan) -> int:
    return next(n for n, item in enumerate(plan.items) if item.change.one_shot)


def at_password(office: Company, plan: Plan) -> int:
    """The boundary right after the password was set and before that was noted."""
    return 2 + 4 * at_password_item(plan) + 2 + 2


def test_a_password_whose_secret_was_kept_is_proved_by_signing_in(office: Company) -> None:
    plan = office.plan(AMY)
    with pytest.raises(Killed):
        mortal(office, "r1", at_password(office, plan)).start(plan)
    office.resume()
    assert "confirmed" in check(office, plan)


def test_a_password_whose_secret_was_lost_is_set_anew(office: Company) -> None:
    plan = office.plan(AMY)
    with pytest.raises(Killed):
        mortal(office, "r1", at_password(office, plan)).start(plan)
    for path in (office.path / "keeper").iterdir():
        path.unlink()
    office.resume()
    assert check(office, plan) == {"changed"}


def test_what_may_not_be_done_twice_waits_for_a_person(office: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = office.plan(AMY)
    with pytest.raises(Killed):
        mortal(office, "r1", at_password(office, plan)).start(plan)
    for path in (office.path / "keeper").iterdir():
        path.unlink()
    monkeypatch.setattr(Change, "repeatable", False)
    with pytest.raises(OutcomeUnknown):
        office.resume()


def test_if_evidence_cannot_be_written_nothing_is_touched(office: Company) -> None:
    def full(*events: Event, owed: bool = False) -> None:
        raise EvidenceUnavailable("disk full")

    with pytest.raises(EvidenceUnavailable):
        office.run(record=full).start(office.plan(AMY))
    assert office.directory.find("sAMAccountName", "amy.ng") == ()


def test_when_the_disk_fills_half_way_what_was_done_is_still_written(office: Company) -> None:
    room = [3]

    def filling(*events: Event, owed: bool = False) -> None:
        room[0] -= 1
        if room[0] < 0 and not owed:
            raise EvidenceUnavailable("disk full")
        office.record(*events)

    with pytest.raises(EvidenceUnavailable):
        office.run(record=filling).start(office.plan(AMY))
    history = office.history()
    assert history.open() == []
    assert len(history.outcomes) == 2
    office.resume()
    check(office, history.plan)


def test_a_password_that_cannot_be_kept_stops_before_its_change_is_even_announced(office: Company) -> None:
    plan = office.plan(AMY)
    (office.path / "keeper").write_text("a file where the folder should be")
    with pytest.raises(EvidenceUnavailable):
        office.run().start(plan)
    assert office.history().open() == []
    assert at_password_item(plan) not in office.history().intents
    (office.path / "keeper").unlink()
    office.resume()
    check(office, plan)


def test_a_connection_lost_in_a_write_leaves_the_outcome_open_until_resume_reads(office: Company) -> None:
    def lose() -> None:
        raise OutcomeUnknown("the server went away")

    plan = office.plan(AMY)
    with pytest.raises(OutcomeUnknown):
        mortal(office, "r1", 6, die=lose).start(plan)
    assert len(office.history().open()) == 1
    office.resume()
    assert "confirmed" in check(office, plan)


def test_ctrl_c_finishes_the_change_under_way_and_can_be_resumed(office: Company) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Interrupted, match="nothing is half done"):
        office.run(stop=lambda: next(asked)).start(office.plan(AMY))
    assert office.events()[-1].kind == "interrupted"
    assert office.history().open() == []
    office.resume()
    check(office, office.history().plan)


def test_what_rests_on_a_failed_change_is_never_started_and_the_rest_goes_on(tmp_path: Path) -> None:
    office = company(tmp_path, person("bob"))
    plan = office.plan(AMY, AMY | {"given": "Bea", "employee": "2"})
    clash = person("bea.ng")
    run = office.run()
    office.directory._keep(clash.ref, clash)
    with pytest.raises(Exception, match="were not made"):
        run.start(plan, check=False)
    rows = fold(office.events()).rows()
    assert rows == {"0/": True, "1/": False}
    assert office.directory.account("amy.ng").enabled
    assert len([e for e in office.events() if e.kind == "intent" and plan.items[e.body["item"]].row == "1/"]) == 1


def test_a_resume_tries_again_what_failed_and_delivers_the_password_that_was_set(office: Company) -> None:
    plan = office.plan(AMY)
    office.desk.folder.write_text("a file where the folder should be")
    with pytest.raises(PartlyDone):
        office.do(plan)
    assert len(list((office.path / "keeper").iterdir())) == 1
    office.desk.folder.unlink()
    office.resume()
    assert office.events()[-1].kind == "verified"
    assert office.directory.account("amy.ng").enabled
    assert office.desk.everybody() == ("amy.ng",)
    assert list((office.path / "keeper").iterdir()) == []


class Refusing:
    """A directory that refuses one kind of change until it is told better."""

    def __init__(self, target: Any, kind: str) -> None:
        self._target, self.kind = target, kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def apply_all(self, changes: Any) -> list[Any]:
        names = [type(change).__name__ for change in changes]
        pairs = zip(changes, names, strict=True)
        return [ApplyFailed("no") if name == self.kind else self._target.apply_all([one])[0] for one, name in pairs]


def test_a_resume_after_the_password_was_delivered_does_not_ask_for_a_secret_that_is_gone(office: Company) -> None:
    office.targets["dc1"] = Refusing(office.directory, "Membership")
    with pytest.raises(PartlyDone):
        office.do(office.plan(AMY))
    assert office.desk.everybody() == ("amy.ng",)
    assert list((office.path / "keeper").iterdir()) == []
    office.directory.kind = ""
    office.resume()
    assert office.events()[-1].kind == "verified"
    assert list((office.path / "keeper").iterdir()) == []
