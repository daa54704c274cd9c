"""kill -9, a disk that takes no more, a byte that flipped: what was acknowledged is there, or its loss is named."""

from __future__ import annotations

import json
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evidence.event import Event, now
from evidence.identity import Identity
from evidence.ledger import Ledger
from evidence.record import Context, seal
from evidence.verification import Verified, verify
from ops.errors import EvidenceInvalid, EvidenceUnavailable

CHAIN = "p-1/d-1"
ROOT = Path(__file__).parents[2]
WRITER = """
import os, pathlib, sys
from evidence.event import Event, now
from evidence.ledger import Ledger
ledger = Ledger(pathlib.Path(sys.argv[1]), "p-1/d-1")
number = 0
while True:
    ledger.append(Event(sys.argv[2], "outcome", now(), {"item": number}, {"t1": number}))
    os.write(1, f"{sys.argv[2]} {number}\\n".encode())
    number += 1
"""


def killed(folder: Path, chance: random.Random) -> int:
    """Three writers at once, killed at a moment of chance; how many appends were acknowledged, all of them there."""
    path = folder / "ledger.db"
    argv = [sys.executable, "-c", WRITER, str(path)]
    files = [folder / f"acknowledged-{n}" for n in range(3)]
    writers = []
    for number, file in enumerate(files):
        with file.open("wb") as out:
            writers.append(subprocess.Popen([*argv, f"w{number}"], stdout=out, cwd=ROOT))
    limit = time.monotonic() + 20
    while not any(file.stat().st_size for file in files) and time.monotonic() < limit:
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.15))
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
    for writer in writers:
        writer.wait()
    ledger = Ledger(path, CHAIN)
    assert ledger.verify() == []
    count = 0
    for file in files:
        for line in file.read_text().splitlines():
            run, number = line.split()
            assert int(number) in {event.body["item"] for event in _once(ledger, run)}, line
            count += 1
    ledger.close()
    return count


def _once(ledger: Ledger, run: str) -> list[Event]:
    events = ledger.run(run)
    items = [event.body["item"] for event in events]
    assert items == list(range(len(items)))
    return events


@pytest.mark.parametrize("rounds", [6, pytest.param(300, marks=[pytest.mark.night, pytest.mark.timeout(3000)])])
def test_killed_while_writing_nothing_acknowledged_is_lost(tmp_path: Path, rounds: int) -> None:
    chance = random.Random(rounds)
    total = 0
    for number in range(rounds):
        folder = tmp_path / str(number)
        folder.mkdir()
        total += killed(folder, chance)
    assert total > rounds


LIMITED = """
import json, pathlib, resource, signal, sys
from evidence.event import Event, now
from evidence.ledger import Ledger
from ops.errors import EvidenceInvalid, EvidenceUnavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger = Ledger(pathlib.Path(sys.argv[1]), "p-1/d-1")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
done, refused = 0, ""
try:
    for number in range(400):
        ledger.append(Event("r", "outcome", now(), {"item": number}, {"t1": "x" * 300}))
        done += 1
except EvidenceUnavailable as error:
    refused = str(error)
    try:
        ledger.append(Event("r", "outcome", now(), {"item": done}))
        refused = "it went on after a failure"
    except EvidenceUnavailable as again:
        refused += "; " + str(again)
print(json.dumps([done, refused]))
"""


@pytest.mark.parametrize("size", range(150_000, 520_000, 37_000))
def test_a_write_that_fails_at_any_length_stops_the_ledger_and_loses_nothing(tmp_path: Path, size: int) -> None:
    """The system itself refuses to let the file grow: a write or a sync fails somewhere, as on a failing disk."""
    path = tmp_path / "ledger.db"
    said = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path), str(size)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    done, refused = json.loads(said.stdout)
    assert "closed after a failure" in refused or done == 400
    ledger = Ledger(path, CHAIN)
    assert ledger.verify() == []
    items = [event.body["item"] for event in ledger.run("r")]
    assert items == list(range(len(items)))
    assert len(items) >= done


def test_a_limit_that_is_not_reached_stops_nothing(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    said = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "l.db"), str(1 << 30)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert json.loads(said.stdout) == [400, ""]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Identity]:
    """A small ledger at rest in one file, with three sealed runs."""
    folder = tmp_path_factory.mktemp("book")
    identity = Identity.create(folder / "state", "me")
    ledger = Ledger(folder / "ledger.db", identity.chain)
    context = Context(identity.person, identity.fingerprint, "me", False, "", False, "LAB", "lab", (), True, "1")
    for run in ("R1", "R2", "R3"):
        ledger.append(Event(run, "refused", now(), {"error": "refused", "title": run}, {"why": "no"}))
        seal(ledger, run, identity.signer(), context)
    ledger.close()
    with sqlite3.connect(folder / "ledger.db") as db:
        db.execute("pragma wal_checkpoint(truncate)")
        db.execute("pragma journal_mode=delete")
    db.close()
    return folder / "ledger.db", identity


def content(path: Path, identity: Identity) -> tuple[Verified, list[object]]:
    """What verifying says, and everything the ledger would show of its public side."""
    ledger = Ledger(path, identity.chain, read_only=True)
    try:
        shown: list[object] = [row for chain in ledger.chains() for row in ledger.rows(chain)]
        shown += [(one.kind, one.run, one.text, one.signature) for one in ledger.documents("evidence-record-v1")]
        return verify(ledger, {identity.fingerprint: "me"}), shown
    finally:
        ledger.close()


@pytest.mark.parametrize("flips", [400, pytest.param(50_000, marks=[pytest.mark.night, pytest.mark.timeout(3600)])])
def test_a_flipped_byte_anywhere_is_noticed_or_changes_nothing(
    tmp_path: Path, book: tuple[Path, Identity], flips: int
) -> None:
    path, identity = book
    raw, (clean, good) = path.read_bytes(), content(*book)
    assert clean.faults == ()
    chance, noticed, silent = random.Random(7), 0, []
    for _ in range(flips):
        place, by = chance.randrange(len(raw)), chance.randrange(1, 256)
        flipped = tmp_path / "flipped.db"
        flipped.write_bytes(raw[:place] + bytes([raw[place] ^ by]) + raw[place + 1 :])
        try:
            found, shown = content(flipped, identity)
        except (EvidenceInvalid, EvidenceUnavailable):
            noticed += 1
            continue
        noticed += bool(found.faults)
        if not found.faults and shown != good:
            silent.append(place)
    assert silent == []
    assert noticed > flips // 10
