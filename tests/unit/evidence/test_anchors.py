"""That a network is what it is called: only the IT lead's signature says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.anchors import vouch, vouched
from evidence.sshsig import fingerprint
from ops.errors import InvalidRequest
from tests.unit.evidence.office import new_signer

LEAD, OTHER = new_signer(), new_signer()
KEY = fingerprint(LEAD.public)
HERE = ("PRODUCTION", "school.example", ("sha256:b", "sha256:a"))


def test_what_the_lead_signed_is_vouched_for_in_any_order_of_anchors(tmp_path: Path) -> None:
    vouch(tmp_path, *HERE, LEAD)
    assert vouched(tmp_path, "PRODUCTION", "school.example", ("sha256:a", "sha256:b"), KEY)


@pytest.mark.parametrize(
    "other",
    [
        ("STAGING", "school.example", ("sha256:a", "sha256:b")),
        ("PRODUCTION", "other.example", ("sha256:a", "sha256:b")),
        ("PRODUCTION", "school.example", ("sha256:a",)),
        ("PRODUCTION", "school.example", ("sha256:a", "sha256:b", "sha256:c")),
    ],
)
def test_another_class_name_or_anchor_is_not(tmp_path: Path, other: tuple[str, str, tuple[str, ...]]) -> None:
    vouch(tmp_path, *HERE, LEAD)
    assert not vouched(tmp_path, *other, KEY)


def test_nobody_elses_signature_counts_and_none_at_all_neither(tmp_path: Path) -> None:
    assert not vouched(tmp_path, *HERE, KEY)
    vouch(tmp_path, *HERE, OTHER)
    assert not vouched(tmp_path, *HERE, KEY)
    assert not vouched(tmp_path, *HERE, "")
    (tmp_path / "anchors.sig").write_bytes(b"\xff")
    assert not vouched(tmp_path, *HERE, KEY)


def test_an_environment_without_anchors_cannot_be_vouched_for(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no anchors"):
        vouch(tmp_path, "PRODUCTION", "x", (), LEAD)
