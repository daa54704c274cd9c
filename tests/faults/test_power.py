"""The power goes at any moment: nothing that was acknowledged is lost, and the ledger is whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from evidence.ledger import Ledger
from evidence.store import PRAGMAS
from tests.faults.powercut import cut

CUTS, NIGHT, WITHOUT_SYNC = 150, 5_000, 60
FIRST, LAST = 12, 420  # from within the making of the tables to some sixty appends


def left(folder: Path) -> int:
    """How many appends a ledger still has after the power came back; -1 if it is not whole."""
    ledger = Ledger(folder / "ledger.db", "p-1/d-1")
    size, faults = ledger.head().size, ledger.verify()
    ledger.close()
    return -1 if faults or size % 2 else size // 2


def cuts(folder: Path, count: int, seed: int, pragmas: tuple[str, ...] = PRAGMAS) -> list[tuple[int, int]]:
    """For each cut how many appends had come back, and how many are there."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        place = folder / str(number)
        place.mkdir(mode=0o700)
        done = cut(place, chance.randint(FIRST, LAST), chance, pragmas)
        found.append((done, left(place)))
    return found


def test_nothing_acknowledged_is_lost_when_the_power_goes(tmp_path: Path) -> None:
    found = cuts(tmp_path, CUTS, seed=1)
    assert [pair for pair in found if pair[1] < pair[0]] == []
    assert max(done for done, _ in found) > 20


def test_the_probe_sees_what_a_less_careful_setting_loses(tmp_path: Path) -> None:
    careless = tuple(pragma.replace("synchronous=full", "synchronous=normal") for pragma in PRAGMAS)
    assert careless != PRAGMAS
    found = cuts(tmp_path, WITHOUT_SYNC, seed=2, pragmas=careless)
    assert [pair for pair in found if pair[1] < pair[0]] != []


@pytest.mark.night
@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost_in_many_cuts(tmp_path: Path) -> None:
    assert [pair for pair in cuts(tmp_path, NIGHT, seed=3) if pair[1] < pair[0]] == []
