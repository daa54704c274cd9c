"""Registers for tests: in a file, or on a PostgreSQL server, with their tables and nothing in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copy2

import pytest

from inventory.register.store import Author, Register

IN_A_FILE = "in a file"
ON_A_SERVER = pytest.param("on a server", marks=pytest.mark.postgres)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register in a file, made once."""
    where = tmp_path_factory.mktemp("blank") / "register.db"
    Register(where, Author("amy")).close()
    return where


@contextmanager
def fresh(kind: str, request: pytest.FixtureRequest) -> Iterator[Path | str]:
    """Where a register of one's own is."""
    if kind == IN_A_FILE:
        where = request.getfixturevalue("tmp_path") / "register.db"
        yield copy2(request.getfixturevalue("blank"), where)
        return
    server = request.getfixturevalue("postgres")
    with server.database() as name:
        yield server.address(name)


@pytest.fixture(params=[IN_A_FILE, ON_A_SERVER])
def place(request: pytest.FixtureRequest) -> Iterator[Path | str]:
    """Where an empty register is, once for each kind of database."""
    with fresh(request.param, request) as found:
        yield found


@pytest.fixture
def register(place: Path | str) -> Iterator[Register]:
    """The same, opened."""
    with closing(Register(place, Author("amy", lambda: "RUN12345"))) as made:
        yield made
