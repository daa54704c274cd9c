"""A register on disk, and one as planned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copy2

import pytest

from inventory.register.store import Author, Register
from ops.adapters.register_projection import ProjectedRegister
from ops.adapters.register_store import StoredRegister


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with its tables, made once."""
    where = tmp_path_factory.mktemp("blank") / "register.db"
    Register(where, Author("amy")).close()
    return where


@pytest.fixture
def register(tmp_path: Path, blank: Path) -> Iterator[Register]:
    copy2(blank, tmp_path / "register.db")
    made = Register(tmp_path / "register.db", Author("amy", lambda: "RUN12345"))
    yield made
    made.close()


@pytest.fixture(params=["on disk", "as planned"])
def either(request: pytest.FixtureRequest, register: Register) -> StoredRegister | ProjectedRegister:
    return StoredRegister(register) if request.param == "on disk" else ProjectedRegister()
