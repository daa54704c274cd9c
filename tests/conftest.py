"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.company import Company, company
from tests.network import network, operators, samba

__all__ = ["network", "office", "operators", "samba"]


@pytest.fixture
def office(tmp_path: Path) -> Company:
    """A small company in memory."""
    return company(tmp_path)
