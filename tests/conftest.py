"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.company import Company, company


@pytest.fixture
def office(tmp_path: Path) -> Company:
    """A small company in memory."""
    return company(tmp_path)
