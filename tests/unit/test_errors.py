"""The one family of errors: each of them can be told again in other words, and stays what it is."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest

import evidence
import inventory
import ops
from inventory.backup.model import Target
from ops.adapters.backup import Broken, Damaged, Unusable
from ops.errors import EvidenceInvalid, OpsError


def kinds(of: type[OpsError] = OpsError) -> Iterator[type[OpsError]]:
    yield of
    for kind in of.__subclasses__():
        yield from kinds(kind)


def everywhere() -> list[type[OpsError]]:
    """All there are in the project."""
    for package in (ops, inventory, evidence):
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not one.name.endswith("migrations.env"):  # which Alembic runs
                import_module(one.name)
    return sorted(set(kinds()), key=lambda kind: kind.__name__)


def test_every_kind_can_be_told_again_with_another_text_and_next_step() -> None:
    found = everywhere()
    assert {Damaged, Broken, Unusable, EvidenceInvalid} < set(found)
    for kind in found:
        first = kind.__new__(kind, "first")
        first.hint = "one step"
        told = first.retold("1 of 2: first", hint="another step")
        assert (type(told), str(told), told.hint) == (kind, "1 of 2: first", "another step")
        assert (str(first), first.hint) == ("first", "one step")


@pytest.mark.parametrize("kind", [Damaged, Broken])
def test_what_else_is_known_of_it_stays(kind: type[Damaged]) -> None:
    target = Target("vault", "restic", "/r", "disk", "x", "y", "")
    told = kind(target, "a pack is gone").retold("again", hint="")
    assert (str(told), told.said) == ("again", "a pack is gone")
    assert Unusable("it is empty").retold("again", hint="a step").hint == "a step"
    assert EvidenceInvalid("broken", chain="lea", seq=3).retold("again", hint="").seq == 3
