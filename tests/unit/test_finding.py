"""From which verdict on a look has failed."""

from __future__ import annotations

import pytest

from ops.finding import Verdict, reaches


@pytest.mark.parametrize(
    ("limit", "bad"),
    [
        ("FAIL", {"FAIL", "ERROR"}),
        ("UNKNOWN", {"FAIL", "ERROR", "UNKNOWN"}),
        ("WARN", {"FAIL", "ERROR", "UNKNOWN", "WARN"}),
    ],
)
def test_what_cannot_be_judged_is_no_better_than_what_failed(limit: str, bad: set[str]) -> None:
    assert {one.name for one in Verdict if reaches(one, Verdict[limit])} == bad
