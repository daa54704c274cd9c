"""Where somebody stands, computed: what counts, what is enough, what looks like padding, and what to do next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence.canonical import canonical, digest
from evidence.coverage import Coverage, easiest, next_steps
from evidence.framework import load_frameworks
from evidence.padding import alike, likeness
from evidence.policy import SHIPPED, Accepted, policy_for, read
from evidence.review import Judged, Question, Reviewer, standing, strength_with
from evidence.sampling import habits, sample
from evidence.signers import Signers
from evidence.talking_points import questions
from ops.errors import EvidenceInvalid, InvalidRequest

RAPIDS = next(one for one in load_frameworks() if one.id == "rapids-1059cb")
POLICY = read(SHIPPED)
MAX = Reviewer("p-max", "SHA256:max", "mentor")


STEP = {
    "n": 0,
    "kind": "directory.Account",
    "operation": "account.create",
    "attributes": ["cn"],
    "result": "changed",
    "guard": "swap",
    "way_back": True,
}


def record(run: str, day: str = "2026-11-01", *, kind: str = "operation", items: str = "1.C", **more: Any) -> Any:
    source, steps = more.pop("source", "user/onboard"), more.pop("steps", [STEP])
    tags = [
        {"framework": "rapids-1059cb", "item": item, "label": RAPIDS.item(item).label, "origin": "rule"}
        for item in items.split()
    ]
    return {
        "id": run,
        "kind": kind,
        "when": {"start": f"{day}T09:00:00.000Z", "end": f"{day}T09:00:01.000Z"},
        "op": {"source": source, "title": source, "operations": ["account.create"], "dry_run": False},
        "steps": steps,
        "env": {"class": "LAB", "anchors": ["sha256:of-the-lab"]},
        "outcome": {"status": "completed", "changed": 1, "read_back": 1},
        "strength": {"machine": "M3", "caps": []},
        "tags": tags,
    } | more


def judged(run: str, decision: str = "accepted", items: str = "1.C", method: str = "desk", **more: Any) -> Judged:
    full = tuple(f"rapids-1059cb:{item}" for item in items.split())
    given = {"at": "2026-11-02T09:00:00.000Z", "document": f"doc-{run}", "minutes": 2.0, "questions": ()} | more
    return Judged(
        "S", given["document"], MAX, "p-amy", given["at"], run, "0" * 64, decision,
        full if decision == "accepted" else (), method, {}, "", given["questions"], given["minutes"],
    )  # fmt: skip


def standing_of(records: list[dict[str, Any]], decisions: list[Judged], item: str = "1.C") -> Any:
    made = Coverage([RAPIDS])
    for body in records:
        made.add(body, "0" * 64)
    made.judge(standing(decisions), [], {"rapids-1059cb": POLICY})
    return made.states[f"rapids-1059cb:{item}"]


def test_nothing_is_enough_until_somebody_accepted_it() -> None:
    state = standing_of([record("A"), record("B", "2026-11-02")], [])
    assert (state.state, len(state.pieces), state.accepted) == ("there", 2, [])


def test_two_accepted_records_on_two_days_with_a_talk_in_the_unit_are_enough() -> None:
    records = [record("A"), record("B", "2026-11-02")]
    state = standing_of(records, [judged("A", method="discussion"), judged("B")])
    assert (state.state, state.missing) == ("enough", ())


@pytest.mark.parametrize(
    ("records", "decisions", "missing"),
    [
        ([record("A")], [judged("A", method="observation")], "1 more accepted of 2 records"),
        (
            [record("A"), record("B", steps=[])],
            [judged("A", method="observation"), judged("B")],
            "records on 2 different days",
        ),
        (
            [record("A"), record("B", "2026-11-02")],
            [judged("A"), judged("B")],
            "1 observation or discussion in its unit",
        ),
        (
            [record("A", kind="statement", source="task/set_access"), record("B", "2026-11-02", kind="statement")],
            [judged("A", method="discussion"), judged("B")],
            "a run: so far there are only statements",
        ),
    ],
)
def test_what_is_missing_is_said(records: list[dict[str, Any]], decisions: list[Judged], missing: str) -> None:
    assert missing in standing_of(records, decisions).missing


def test_the_same_easy_thing_ten_times_a_day_counts_once() -> None:
    records = [record(f"R{n}") for n in range(10)]
    state = standing_of(records, [judged(f"R{n}", method="discussion") for n in range(10)])
    assert len(state.accepted) == 1
    assert "1 more accepted of 2 records" in state.missing


def test_an_item_the_mentor_did_not_accept_gains_nothing_by_another_that_was() -> None:
    records = [record("A", items="1.C 4.G")]
    assert standing_of(records, [judged("A", items="4.G")]).accepted == []
    assert len(standing_of(records, [judged("A", items="4.G")], "4.G").accepted) == 1


@pytest.mark.parametrize("decision", ["referred-back", "rejected"])
def test_what_was_not_accepted_does_not_count(decision: str) -> None:
    assert standing_of([record("A")], [judged("A"), judged("A", decision)]).accepted == []


def test_a_withdrawn_decision_stands_no_more() -> None:
    assert standing([judged("A"), judged("A", "withdrawn")]) == {}


def test_one_talk_may_serve_a_whole_unit() -> None:
    records = [record("A", items="1.C 1.I")]
    assert standing_of(records, [judged("A", items="1.C 1.I", method="discussion")], "1.I").missing == (
        "1 more accepted of 2 records",
    )


def test_padding_is_named_with_how_often_and_on_how_many_days() -> None:
    found = alike([*(record(f"R{n}") for n in range(6)), record("X", steps=[])])
    assert [(one.number, one.days, one.most_a_day, one.suspicious) for one in found] == [(6, 1, 6, True)]
    assert alike([record("A"), record("B")]) == []


def test_two_statements_are_never_alike_and_two_runs_of_another_shape_are_not() -> None:
    assert likeness(record("A", kind="statement")) != likeness(record("B", kind="statement"))
    assert likeness(record("A")) == likeness(record("B"))
    assert likeness(record("A")) != likeness(record("B", steps=[]))


WORK = {
    "user/onboard",
    "account.create",
    "task/set_access",
    "task/prepare_device",
    "journal/discuss",
    "journal/witness",
}


def test_the_next_step_is_a_command_first_and_a_statement_beside_it_then() -> None:
    nothing = standing_of([], [])
    assert easiest(RAPIDS, nothing, WORK) == "user/onboard"
    assert easiest(RAPIDS, standing_of([record("A")], []), WORK) == "task/set_access"
    sds = next(one for one in load_frameworks() if one.id == "sds-ta-its-8")
    knowledge = Coverage([sds]).states["sds-ta-its-8:ws4.ku1"]
    assert easiest(sds, knowledge, WORK) == "journal/discuss"


def test_what_helps_most_items_comes_first_and_what_waits_for_a_mentor_is_not_asked_for_again() -> None:
    made = Coverage([RAPIDS])
    made.add(record("A", items="1.A"))
    made.judge({}, [], {"rapids-1059cb": POLICY})
    steps = next_steps(list(made.states.values()), [RAPIDS], WORK)
    assert len(steps[0].items) >= len(steps[-1].items)
    assert "rapids-1059cb:1.A" not in [item for step in steps for item in step.items]


SMALL = (
    "schema: policy/1\nid: ours\ntitle: T\nperformance: {records: 3, dates: 2}\nbehaviour: {records: 1, dates: 1}\n"
    "knowledge: {records: 1, dates: 1}\nunit: {reviews: 0, methods: observation}\nframeworks: rapids-1059cb\n"
)


def test_a_policy_of_ones_own_is_for_its_frameworks(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(SMALL)
    ours = read(path)
    assert policy_for([ours, POLICY], "rapids-1059cb") is ours
    assert policy_for([ours, POLICY], "itied-1.2") is POLICY
    accepted = [Accepted("A", "2026-11-01", True), Accepted("B", "2026-11-02", True)]
    assert ours.missing(RAPIDS.item("1.C"), accepted, []) == ("1 more accepted of 3 records",)


def test_a_policy_nobody_signed_is_refused(tmp_path: Path) -> None:
    from evidence.policy import load

    (tmp_path / "ours.yaml").write_text(SMALL)
    with pytest.raises(EvidenceInvalid, match=r"the policy ours.yaml is not signed"):
        load(tmp_path, Signers(()))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("records: 3, dates: 2", "records: 1, dates: 2", "line 4 column 27: dates: there cannot be more days"),
        ("records: 3", "records: many", "records: it does not have the right shape"),
        ("methods: observation", "methods: telepathy", "methods: there is no telepathy"),
        ("policy/1", "policy/2", "line 1 column 1: schema"),
        ("performance", "perfomance", "nothing is called that here"),
    ],
)
def test_a_mistake_in_a_policy_is_named_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(SMALL.replace(old, new, 1))
    with pytest.raises(InvalidRequest) as caught:
        read(path)
    assert said in str(caught.value)


def test_questions_are_the_records_own_and_always_the_same() -> None:
    odd = record("A", steps=[{"n": 0, "operation": "account.retire", "result": "failed", "way_back": False}])
    assert "failed" in questions(odd)[0]
    assert any("cannot be taken back" in text for text in questions(odd))
    assert questions(odd) == questions(odd)
    assert len(set(questions(record("B")))) == 3
    assert questions(record("B")) != questions(record("C", items="4.G", steps=[]))


def test_a_verifiers_sample_is_the_same_for_one_seed_and_nobodys_choice() -> None:
    decisions = [judged(f"R{n}") for n in range(50)]
    drawn = sample(decisions, 5, "head")
    assert drawn == sample(list(reversed(decisions)), 5, "head")
    assert drawn != sample(decisions, 5, "another head")


def test_habits_of_a_reviewer_who_only_clicks_stand_out() -> None:
    quick = [judged(f"R{n}", document="one", minutes=0.05) for n in range(25)]
    (found,) = habits(quick)
    assert found.remarks == (
        "3 seconds a record",
        "everything was accepted",
        "no question was ever asked",
        "25 decisions under one signature",
    )
    careful = [judged("A", questions=(Question("Why?", "because", "met"),)), judged("B", "referred-back")]
    assert habits(careful)[0].remarks == ()


@pytest.mark.parametrize(
    ("decision", "account", "machine"),
    [("accepted", "another", "M4"), ("accepted", "the same", "M3"), ("referred-back", "another", "M3")],
)
def test_a_second_witness_counts_where_the_decision_that_stands_accepts(
    decision: str, account: str, machine: str
) -> None:
    again = {"still": 1, "account": account, "anchors": ["sha256:of-the-lab"]}
    state = standing_of([record("A")], [replace(judged("A", decision), again=again)])
    assert [piece.machine for piece in state.pieces] == [machine]


def test_a_second_witness_of_a_record_says_nothing_of_another_one_of_the_same_run() -> None:
    again = {"still": 1, "account": "another", "anchors": ["sha256:of-the-lab"]}
    body = record("A", tool={"modified": False})
    body["env"] |= {"matched": True, "basis": "inventory"}
    seen = replace(judged("A"), again=again, record=digest(canonical(body)))
    assert strength_with(body, seen).machine == "M4"
    assert strength_with(body | {"steps": []}, seen).machine == "M3"
    (piece,) = standing_of([body], [seen]).pieces
    assert piece.machine == "M3", "it is known by another hash"
