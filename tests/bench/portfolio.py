"""Years of evidence: where somebody stands beside merely reading it, and memory that must not grow with it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from evidence.canonical import canonical
from evidence.event import Event, now
from evidence.framework import load_frameworks
from evidence.identity import Identity
from evidence.ledger import Document, Ledger
from evidence.record import NAMESPACE
from evidence.sshsig import Signer
from tests.bench.stage import ROOT, Figure
from tests.workspace import bare

FEW, MANY, MOST_TIME, MOST_MEMORY = 10_000, 100_000, 2.0, 1.25
WORK = ("user/onboard", "account.create", "group.add_member", "home.create")
READ = """
import json, sys
from pathlib import Path
from evidence.ledger import Ledger
ledger = Ledger(Path("state/ledger.db"), "", read_only=True)
print(sum(len(json.loads(one.text)["tags"]) for one in ledger.each("evidence-record-v1")))
"""
TIMED = """
import resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(code, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def filled(folder: Path, number: int) -> Path:
    """A workspace whose ledger holds so many signed records of two events each."""
    bare(folder)
    identity = Identity.load(folder / "state")
    ledger, signer = Ledger(folder / "state/ledger.db", identity.chain), identity.signer()
    tags = [asdict(tag) for one in load_frameworks() for tag in one.tags(WORK)]
    for start in range(0, number, 500):
        numbers = range(start, start + 500)
        at = ledger.head().size
        ledger.append(*(Event(f"R{n:07}", "verified", now(), {"changes": 1}, {"t1": f"person {n}"}) for n in numbers))
        heads = [(seq, hashed) for seq, hashed, _, _ in ledger.rows(identity.chain, at)]
        documents = [_document(n, head, identity, signer, tags) for n, head in zip(numbers, heads, strict=True)]
        sealed = (Event(one.run, "sealed", now(), {"record": one.sha256}) for one in documents)
        ledger.append(*sealed, documents=documents)
    ledger.close()
    return folder


def _document(
    n: int, head: tuple[int, str], identity: Identity, signer: Signer, tags: list[dict[str, object]]
) -> Document:
    run = f"R{n:07}"
    text = canonical(_record(run, n, head, identity, tags)).decode()
    return Document(NAMESPACE, run, text, signer.sign(NAMESPACE, text.encode()))


def _record(
    run: str, n: int, head: tuple[int, str], identity: Identity, tags: list[dict[str, object]]
) -> dict[str, object]:
    day = f"20{20 + n // 36_500:02}-{1 + n // 3_100 % 12:02}-{1 + n // 100 % 28:02}T09:00:00.000Z"
    step = {"n": 0, "operation": "account.create", "kind": "directory.Account", "target": "t1", "result": "changed"}
    return {
        "schema": "evidence/1",
        "id": run,
        "kind": "operation",
        "chain": {"id": identity.chain, "first": head[0], "last": head[0], "head": head[1], "count": 1},
        "performer": {"id": identity.person, "key": identity.fingerprint, "session": {}},
        "when": {"start": day, "end": day, "duration_ms": 1},
        "tool": {"name": "journeyman", "version": "1", "modified": False},
        "env": {"class": "LAB", "id": "lab", "basis": "inventory", "anchors": [], "matched": True},
        "op": {"source": "user/onboard", "title": "Somebody joins", "operations": list(WORK), "dry_run": False},
        "steps": [step | {"attributes": [f"a{n % 50}"], "guard": "swap", "way_back": True}],
        "outcome": {"status": "completed", "changed": 1, "failed": 0, "read_back": 1},
        "strength": {"machine": "M3", "reasons": [], "caps": []},
        "tags": tags,
    }


def measured(folder: Path, *argv: str) -> tuple[float, int]:
    """Seconds and the most memory in KiB of one command there."""
    whole = [sys.executable, "-c", TIMED, sys.executable, *argv]
    done = subprocess.run(whole, cwd=folder, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)})
    _, seconds, memory = done.stdout.split()
    return float(seconds), int(memory)


def main() -> list[Figure]:
    ops = ("-m", "ops.cli.main")
    with tempfile.TemporaryDirectory() as place:
        few, many = (filled(Path(place) / str(number), number) for number in (FEW, MANY))
        reading, _ = measured(many, "-c", READ)
        found = [
            _beside_reading(many, reading, what, *ops, *what.split()[1:])
            for what in ("ops portfolio status", "ops portfolio gaps")
        ]
        found.append(_memory("ops evidence verify", few, many, *ops, "evidence", "verify"))
        export = ("evidence", "export", "--all", "--to", "out")
        found.append(_memory("ops evidence export --all", few, many, *ops, *export))
    return found


def _beside_reading(folder: Path, reading: float, what: str, *argv: str) -> Figure:
    seconds, _ = measured(folder, *argv)
    ratio = seconds / reading
    said = f"reading them alone {reading:.1f} s"
    return Figure(
        f"{what}, {MANY:,} records", f"{seconds:.1f} s", said, ratio, f"at most {MOST_TIME}", ratio <= MOST_TIME
    )


def _memory(what: str, few: Path, many: Path, *argv: str) -> Figure:
    (_, small), (seconds, large) = measured(few, *argv), measured(many, *argv)
    ratio = large / small
    ours, peer = f"{large >> 10} MiB, {seconds:.0f} s", f"{FEW:,} records {small >> 10} MiB"
    return Figure(f"{what}, {MANY:,} records", ours, peer, ratio, f"at most {MOST_MEMORY}", ratio <= MOST_MEMORY)
