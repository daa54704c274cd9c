"""Every way a run can end is one signed record that says so, graded by what it itself says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence.canonical import canonical
from evidence.ledger import Document
from evidence.record import NAMESPACE
from evidence.sshverify import verify
from evidence.strength import strength
from ops.errors import ApplyFailed, PartlyDone
from ops.history import fold
from ops.plan import Projections
from ops.public import planned
from ops.runner import Interrupted
from ops.secret import Secret, Slot
from ops.undo import plan_undo
from tests.company import AMY, Company
from tests.unit.evidence.office import Registry, Stubborn


@pytest.fixture
def registry(office: Company, tmp_path: Path) -> Registry:
    return Registry(office, tmp_path)


def completed(registry: Registry) -> Document:
    registry.run().start(registry.office.plan(AMY))
    return registry.seal()


def already_so(registry: Registry) -> Document:
    registry.run("r0").start(registry.office.plan(AMY))
    registry.ledger.append(planned("r1", registry.office.plan(AMY)))
    registry.note("r1", "verified", changes=0)
    return registry.seal()


def dry_run(registry: Registry) -> Document:
    registry.dry(registry.office.plan(AMY))
    return registry.seal()


def refused(registry: Registry) -> Document:
    registry.note("r1", "refused", {"why": "Amy is protected"}, error="refused", exit_code=6, source="user/onboard")
    return registry.seal()


def failed(registry: Registry, refuses: int = 2) -> Document:
    registry.office.targets["dc1"] = Stubborn(registry.office.directory, refuses)
    with pytest.raises((PartlyDone, ApplyFailed)):
        registry.run().start(registry.office.plan(AMY))
    return registry.seal()


def interrupted(registry: Registry) -> Document:
    asked = iter([False, True])
    with pytest.raises(Interrupted):
        registry.run(stop=lambda: next(asked)).start(registry.office.plan(AMY))
    return registry.seal()


def unknown(registry: Registry) -> Document:
    class Gone(Exception):
        pass

    def vanish(_changes: Any) -> list[Any]:
        raise Gone

    plan = registry.office.plan(AMY)
    target = Stubborn(registry.office.directory, 0)
    registry.office.targets["dc1"] = target
    target.apply_all = vanish  # type: ignore[method-assign]
    with pytest.raises(Gone):
        registry.run().start(plan)
    return registry.seal()


def audited(registry: Registry) -> Document:
    body = {"source": "privileged", "title": "audit privileged", "operations": ["privileged"], "findings": {"FAIL": 1}}
    registry.note("r1", "audited", {"findings": [["Amy", "rule", "FAIL", "why"]]}, **body)
    return registry.seal()


# status, kind, changed more than nothing, grade, whether it counts toward a competency
ENDINGS = {
    completed: ("completed", "operation", True, "M3", True),
    already_so: ("already so", "operation", False, "M2", True),
    dry_run: ("dry run", "operation", False, "M1", False),
    refused: ("refused", "operation", False, "M2", False),
    failed: ("failed", "operation", True, "M2", False),
    interrupted: ("interrupted", "operation", True, "M2", False),
    unknown: ("unknown", "operation", False, "M2", False),
    audited: ("audited", "audit", False, "M2", True),
}


@pytest.mark.parametrize("make", ENDINGS, ids=lambda make: make.__name__)
def test_every_ending_is_one_signed_record_that_says_so(registry: Registry, make: Any) -> None:
    document = make(registry)
    body = document.body
    status, kind, changed, grade, counts = ENDINGS[make]
    assert (body["outcome"]["status"], body["kind"]) == (status, kind)
    assert (body["outcome"]["changed"] > 0, bool(body["tags"])) == (changed, counts)
    assert body["outcome"]["read_back"] == (body["outcome"]["changed"] if status == "completed" else 0)
    assert body["strength"]["machine"] == strength(body).machine == grade
    assert verify(document.signature, NAMESPACE, document.text.encode()) == registry.signer.public
    assert canonical(body).decode() == document.text


def test_the_steps_say_what_came_of_each(registry: Registry) -> None:
    results = [step["result"] for step in failed(registry, refuses=2).body["steps"]]
    assert results[:2] == ["changed", "failed"]
    assert "not started" in results


def test_a_step_that_was_begun_and_never_ended_is_unknown(registry: Registry) -> None:
    results = [step["result"] for step in unknown(registry).body["steps"]]
    assert (results[0], set(results[1:])) == ("unknown", {"not started"})


def test_a_run_that_was_resumed_counts_each_change_once_as_it_ended(registry: Registry) -> None:
    first = failed(registry, refuses=2)
    assert first.body["outcome"]["failed"] == 1
    registry.run().go_on(fold(registry.ledger.run("r1")))
    body = registry.seal().body
    count = len(body["steps"])
    assert body["outcome"] == {"status": "completed", "changed": count, "failed": 0, "read_back": count}
    assert {step["result"] for step in body["steps"]} == {"changed"}
    newest = registry.ledger.document("r1", NAMESPACE)
    assert newest is not None
    assert newest.body == body


@pytest.mark.parametrize("kind", ["intent", "outcome"])
def test_what_happened_after_an_ending_makes_it_unknown_again(registry: Registry, kind: str) -> None:
    interrupted(registry)
    registry.note("r1", kind, item=1, result="changed")
    assert registry.seal().body["outcome"]["status"] == "unknown"


def test_the_record_points_at_its_events_in_the_chain(registry: Registry) -> None:
    registry.note("r0", "refused", error="refused")
    registry.note("r1", "refused", error="refused")
    registry.note("r1", "refused", error="refused")
    body = registry.seal().body
    rows = list(registry.ledger.rows(registry.ledger.chain))
    assert body["chain"] == {"id": registry.ledger.chain, "first": 1, "last": 2, "head": rows[2][1], "count": 2}
    assert json.loads(rows[3][3])["body"] == {"record": registry.ledger.documents(NAMESPACE)[0].sha256}


CAPS = [
    ({}, "M3", "own word"),
    ({"matched": False}, "M2", "what the inventory says"),
    ({"environment": "PRODUCTION"}, "M2", "nobody has signed"),
    ({"environment": "PRODUCTION", "signed": True}, "M3", "own word"),
    ({"modified": True}, "M2", "not as it was published"),
]


@pytest.mark.parametrize(("more", "grade", "why"), CAPS)
def test_what_caps_a_record_is_said_in_it(registry: Registry, more: dict[str, Any], grade: str, why: str) -> None:
    registry.run().start(registry.office.plan(AMY))
    graded = registry.seal(**more).body["strength"]
    assert graded["machine"] == grade
    assert any(why in cap for cap in graded["caps"])


def test_whoever_ran_it_stands_beside_the_record_and_not_in_it(registry: Registry) -> None:
    document = completed(registry)
    assert "amelia" not in document.text
    assert "apprentice1" not in document.text
    assert registry.ledger.run("r1")[-1].private == {"os_user": "amelia", "account": "apprentice1@lab.example"}


@pytest.mark.parametrize("value", [Secret("hunter2"), Slot("generated"), b"hunter2"])
@pytest.mark.parametrize("where", ["body", "private"])
def test_no_secret_type_passes_the_serializer(registry: Registry, value: Any, where: str) -> None:
    given: dict[str, Any] = {"body": {}, "private": {}}
    given[where] = {"password": value}
    with pytest.raises((TypeError, ValueError)) as caught:
        registry.note("r1", "outcome", given["private"], **given["body"])
    assert "hunter2" not in str(caught.value).replace(repr(b"hunter2"), "")
    assert registry.ledger.head().size == 0


def test_a_reason_and_a_ticket_are_said_to_be_there_and_not_what_they_are(registry: Registry) -> None:
    plan = replace(registry.office.plan(AMY), why={"ticket": "INC-77", "reason": ""})
    registry.run().start(plan)
    document = registry.seal()
    assert document.body["why"] == {"ticket": True, "reason": False}
    assert "INC-77" not in "".join(registry.ledger.texts("r1")) + document.text


def test_work_that_takes_work_back_counts_toward_nothing(registry: Registry) -> None:
    completed(registry)
    undo = plan_undo(fold(registry.ledger.run("r1")), Projections(registry.office.targets))
    registry.run("r2").start(replace(undo.plan, undoes="r1"))
    body = registry.seal("r2").body
    assert (body["outcome"]["status"], body["op"]["undoes"], body["tags"]) == ("completed", "r1", [])
