"""The same rules hold for what is written, in a file and on a server, and for what is planned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from inventory.register.store import Author, Register
from ops.adapters.register_projection import ProjectedRegister
from ops.adapters.register_store import StoredRegister
from tests.registers import IN_A_FILE, ON_A_SERVER, fresh


@pytest.fixture(params=[IN_A_FILE, ON_A_SERVER, "as planned"])
def either(request: pytest.FixtureRequest) -> Iterator[StoredRegister | ProjectedRegister]:
    """A register of one's own."""
    if request.param == "as planned":
        yield ProjectedRegister()
        return
    with fresh(request.param, request) as found, closing(Register(found, Author("amy"))) as made:
        yield StoredRegister(made)
