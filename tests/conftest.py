"""What every test may ask for."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.company import Company, company
from tests.network import network, operators, samba
from tests.postgres import postgres
from tests.registers import blank, place, register

__all__ = ["blank", "network", "office", "operators", "place", "postgres", "register", "samba"]

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores ^C, and so would its own


@pytest.fixture
def office(tmp_path: Path) -> Company:
    """A small company in memory."""
    return company(tmp_path)
