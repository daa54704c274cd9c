"""A repository for tests of commands. What differs between tools the contract holds them to, so borg is for nights."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.test_backup import Kept, filled


@pytest.fixture(name="kept", params=["restic", pytest.param("borg", marks=pytest.mark.night)])
def kept_by_day(tmp_path: Path, request: pytest.FixtureRequest) -> Kept:
    """A folder, and one backup of it."""
    return filled(Kept(request.param, tmp_path))
