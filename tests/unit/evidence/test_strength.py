"""The grade follows from the record alone: each weakness by itself keeps it down and is named."""

from __future__ import annotations

from copy import deepcopy
from itertools import combinations
from typing import Any

import pytest

from evidence.strength import WORDS, strength

BEST: dict[str, Any] = {
    "kind": "operation",
    "outcome": {"status": "completed", "changed": 3, "failed": 0, "read_back": 3},
    "op": {"dry_run": False},
    "env": {"matched": True, "class": "PROD", "basis": "signed", "anchors": ["sha256:one", "SHA256:two"]},
    "tool": {"modified": False},
}
WEAK: list[tuple[str, str, Any, str, str]] = [
    ("op", "dry_run", True, "M1", "it was a dry run"),
    ("outcome", "status", "refused", "M2", "the run was refused"),
    ("outcome", "status", "failed", "M2", "the run was failed"),
    ("outcome", "status", "interrupted", "M2", "the run was interrupted"),
    ("outcome", "status", "unknown", "M2", "the run was unknown"),
    ("outcome", "changed", 0, "M2", "it changed nothing"),
    ("env", "matched", False, "M2", "the environment is what the inventory says, not what was measured"),
    ("env", "basis", "inventory", "M2", "nobody has signed this environment's anchors"),
    ("tool", "modified", True, "M2", "the tool is not as it was published"),
]


def weakened(*weak: tuple[str, str, Any, str, str]) -> dict[str, Any]:
    body = deepcopy(BEST)
    for part, name, value, _, _ in weak:
        body[part][name] = value
    return body


def test_read_back_as_planned_in_a_signed_environment_is_the_best_one_machine_can_say() -> None:
    graded = strength(BEST)
    assert graded.machine == "M3"
    assert graded.reasons == ("3 results were read back from the target",)
    assert graded.caps == ("the target's own word is the only witness",)
    assert graded.words == f"{WORDS['M3']} (M3)"


@pytest.mark.parametrize("weak", WEAK, ids=lambda weak: weak[4])
def test_each_weakness_keeps_the_grade_down_and_is_named(weak: tuple[str, str, Any, str, str]) -> None:
    graded = strength(weakened(weak))
    assert (graded.machine, weak[4] in graded.caps) == (weak[3], True)


@pytest.mark.parametrize("pair", list(combinations(WEAK, 2)))
def test_of_two_weaknesses_the_worse_counts_and_both_are_named(pair: Any) -> None:
    graded = strength(weakened(*pair))
    kept = pair if pair[0][:2] != pair[1][:2] else pair[1:]  # one place holds one value
    kept = kept[:1] if kept[0][0] == "env" == kept[-1][0] else kept  # anchors that were not measured need no signature
    assert graded.machine == min(one[3] for one in pair)
    assert {one[4] for one in kept} <= set(graded.caps)


@pytest.mark.parametrize(("status", "read_back"), [("already so", 3), ("audited", 3), ("completed", 0)])
def test_what_was_not_read_back_after_a_change_is_what_the_tool_was_told(status: str, read_back: int) -> None:
    body = deepcopy(BEST)
    body["outcome"] |= {"status": status, "read_back": read_back}
    assert strength(body).machine == "M2"


def test_a_practice_network_needs_no_signed_anchors() -> None:
    body = weakened(("env", "class", "LAB", "", ""), ("env", "basis", "inventory", "", ""))
    assert strength(body).machine == "M3"


AGAIN: dict[str, Any] = {"still": 3, "account": "another", "anchors": ["SHA256:two", "sha256:one"]}


def test_what_somebody_else_read_again_through_another_account_is_a_second_witness() -> None:
    graded = strength(BEST, AGAIN)
    assert (graded.machine, graded.caps) == ("M4", ())
    assert graded.reasons[-1] == "3 of 3 results were read again through another account, and were the same"


@pytest.mark.parametrize(
    "less",
    [
        {"still": 2},
        {"account": "the same"},
        {"account": "an unknown"},
        {"anchors": ["sha256:one"]},
        {"anchors": ["sha256:one", "SHA256:two", "sha256:more"]},
    ],
    ids=str,
)
def test_a_second_witness_of_less_raises_nothing_and_says_what_was_seen(less: dict[str, Any]) -> None:
    graded = strength(BEST, AGAIN | less)
    assert graded.machine == "M3"
    assert "more is needed for a second witness" in graded.caps[0]


@pytest.mark.parametrize("weak", WEAK, ids=lambda weak: weak[4])
def test_no_second_witness_makes_up_for_a_weakness(weak: tuple[str, str, Any, str, str]) -> None:
    body = weakened(weak)
    again = AGAIN | {"still": body["outcome"]["changed"]}
    assert strength(body, again) == strength(body)


def test_a_record_that_names_no_anchors_has_no_second_witness() -> None:
    body = weakened(("env", "anchors", [], "", ""))
    assert strength(body, AGAIN | {"anchors": []}).machine == "M3"
