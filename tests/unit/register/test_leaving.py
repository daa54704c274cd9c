"""Nothing leaves the register before two people agree and its media are wiped."""

from __future__ import annotations

import pytest

from inventory.register.fields import Fields, normal
from ops.adapters.register_projection import ProjectedRegister
from ops.adapters.register_store import StoredRegister
from ops.errors import OpsError, Refused
from tests.unit.register.things import enter

MEDIUM = {
    "asset": "A", "kind": "ssd", "technique": "block-erase", "method": "purge", "operator": "amy",
    "verification": "read back", "sanitised_on": "2026-11-20",
}  # fmt: skip


def retired(either: StoredRegister | ProjectedRegister, **fields: str) -> tuple[Fields, Fields]:
    asset = enter(either, "A", **fields)
    out = {**asset, "state": "retired"}
    either.swap("asset:A", asset, out)
    leaving = {**out, "state": "disposed", "disposal": "recycled", "requested_by": "amy", "approved_by": "bob"}
    return out, {**leaving, "disposed_on": "2026-11-25"}


def test_two_people_are_needed_to_dispose_of_something(either: StoredRegister | ProjectedRegister) -> None:
    out, gone = retired(either, data_class="public")
    with pytest.raises(Refused, match="cannot approve what they asked for"):
        either.swap("asset:A", out, {**gone, "approved_by": "Amy"})
    either.swap("asset:A", out, gone)
    with pytest.raises(Refused, match="closed"):
        either.swap("asset:A", gone, out)


@pytest.mark.parametrize(
    ("data_class", "medium", "why"),
    [
        ("", {}, "no medium is recorded"),
        ("internal", {"technique": "", "method": ""}, "is not sanitised"),
        ("confidential", {"technique": "overwrite", "method": "clear"}, "needs purge"),
        ("secret", {"verifier": "bob"}, "needs destroy"),
        ("confidential", {}, "by nobody but its operator"),
        ("confidential", {"verifier": "amy"}, "by nobody but its operator"),
    ],
)
def test_nothing_leaves_before_its_media_are_wiped_as_its_data_asks(
    either: StoredRegister | ProjectedRegister, data_class: str, medium: dict[str, str], why: str
) -> None:
    out, gone = retired(either, data_class=data_class)
    if medium or data_class == "confidential":
        either.swap("medium:A/1", None, normal("medium", {**MEDIUM, **medium}))
    with pytest.raises(Refused, match=why):
        either.swap("asset:A", out, gone)


def test_a_wiped_and_verified_medium_lets_it_leave(either: StoredRegister | ProjectedRegister) -> None:
    out, gone = retired(either, data_class="confidential")
    either.swap("medium:A/1", None, normal("medium", {**MEDIUM, "verifier": "bob"}))
    either.swap("asset:A", out, gone)
    assert (either.read("asset:A") or {})["state"] == "disposed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"technique": "degauss", "method": "purge"},
        {"technique": "overwrite", "method": "purge"},
        {"kind": "floppy"},
        {"operator": ""},
        {"verification": ""},
        {"asset": "B"},
    ],
)
def test_a_sanitisation_that_cannot_be_is_refused(
    either: StoredRegister | ProjectedRegister, wrong: dict[str, str]
) -> None:
    retired(either)
    with pytest.raises(OpsError):
        either.swap("medium:A/1", None, normal("medium", {**MEDIUM, **wrong}))


def test_what_is_used_again_has_to_be_wiped_again(either: StoredRegister | ProjectedRegister) -> None:
    asset = enter(either, "A", data_class="internal")
    with pytest.raises(Refused, match="is in use"):
        either.swap("medium:A/1", None, normal("medium", MEDIUM))
    out = {**asset, "state": "retired"}
    either.swap("asset:A", asset, out)
    wiped = normal("medium", MEDIUM)
    either.swap("medium:A/1", None, wiped)
    either.swap("asset:A", out, asset)
    unwiped = {"asset": "A", "kind": "ssd"}
    either.swap("medium:A/1", wiped, unwiped)
    either.swap("asset:A", asset, out)
    people = {"requested_by": "amy", "approved_by": "bob", "disposed_on": "2026-11-25"}
    with pytest.raises(Refused, match="is not sanitised"):
        either.swap("asset:A", out, {**out, **people, "state": "disposed", "disposal": "sold"})
