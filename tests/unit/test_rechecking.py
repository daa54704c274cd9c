"""Who reads a record again: two spellings of one account are one, and who cannot be found is nobody else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ops.adapters.directory_entry import Domain
from ops.adapters.directory_projection import ProjectedDirectory
from ops.cli.rechecking import _account
from tests.company import BASE, PLACES, person

PEOPLE = [person("me", userPrincipalName="max.mentor@lab.example"), person("amy.ng", 2001)]


def site(confirmed: bool = True) -> Any:
    """One directory, read as ``me``."""
    domain = Domain("lab.example", BASE, PLACES, actor="guid:me", confirmed=confirmed)
    directory = ProjectedDirectory(known={one.ref: one for one in PEOPLE}, domain=domain)
    return SimpleNamespace(
        targets={"dc1": directory}, workspace=SimpleNamespace(targets={"dc1": SimpleNamespace(kind="directory")})
    )


@pytest.mark.parametrize(
    ("theirs", "account"),
    [
        ("me", "the same"),
        ("Max.Mentor@lab.example", "the same"),
        ("amy.ng@lab.example", "another"),
        ("gone.before", "an unknown"),
        ("", "an unknown"),
    ],
)
def test_accounts_are_told_apart_by_the_directory_and_not_by_their_spelling(theirs: str, account: str) -> None:
    assert _account(site(), theirs) == account


def test_where_the_directory_does_not_say_who_we_are_nobody_knows() -> None:
    assert _account(site(confirmed=False), "amy.ng") == "an unknown"
