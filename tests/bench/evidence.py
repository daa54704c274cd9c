"""The ledger: eight writers at once beside a bare table, the hash chain beside sha256sum, checking a record."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evidence.event import Event, now
from evidence.export import check_record
from evidence.identity import Identity
from evidence.ledger import Ledger
from evidence.record import NAMESPACE, Context, seal
from tests.bench.stage import ROOT, Figure, timed

WRITERS, EACH, ROWS, RECORDS = 8, 1_000, 100_000, 2_000
CHAIN_RATE = 100_000
WRITE = """
import pathlib, sys
from evidence.event import Event, now
from evidence.ledger import Ledger
ledger = Ledger(pathlib.Path(sys.argv[1]), "p-1/d-1")
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    ledger.append(Event(sys.argv[2], "outcome", now(), {"item": number, "result": "changed"}, {"t1": number}))
"""
BARE = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
for pragma in ("journal_mode=wal", "synchronous=full"):
    db.execute(f"pragma {pragma}")
db.execute("create table if not exists t (run text, text text)")
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    db.execute("begin immediate")
    db.execute("insert into t values (?, ?)", (sys.argv[2], "x" * 500))
    db.execute("commit")
"""


def written(code: str, path: Path) -> float:
    """Seconds for all writers, from the moment they are told to go."""
    argv = [sys.executable, "-c", code, str(path)]
    start = [
        subprocess.Popen([*argv, f"r{n}", str(EACH)], stdin=subprocess.PIPE, text=True, cwd=ROOT)
        for n in range(WRITERS)
    ]
    time.sleep(1)
    began = time.perf_counter()
    for writer in start:
        print("go", file=writer.stdin, flush=True)
    if any(writer.wait(120) for writer in start):
        raise RuntimeError("a writer failed")
    return time.perf_counter() - began


def writers(folder: Path) -> Figure:
    ours, bare = written(WRITE, folder / "ours.db"), written(BARE, folder / "bare.db")
    ledger = Ledger(folder / "ours.db", "p-1/d-1")
    size, faults = ledger.head().size, ledger.verify()
    whole = size == WRITERS * EACH and not faults
    said = f"{WRITERS * EACH / ours:.0f}/s, {WRITERS * EACH - size} lost, {len(faults)} gaps"
    what = f"{WRITERS} processes × {EACH} records"
    return Figure(what, said, f"bare SQLite {WRITERS * EACH / bare:.0f}/s", bare / ours, "0 lost, 0 gaps", whole)


def chain(folder: Path) -> Figure:
    ledger = Ledger(folder / "long.db", "p-1/d-1")
    body = {"item": 7, "result": "changed"}
    for start in range(0, ROWS, 1_000):
        ledger.append(*(Event(f"r{start + n}", "outcome", now(), body, {"t1": n}) for n in range(1_000)))
    (folder / "texts").write_text("".join(f"{text}\n" for _, _, _, text in ledger.rows("p-1/d-1")))
    began = time.perf_counter()
    faults = ledger.verify()
    took = time.perf_counter() - began
    peer = timed(["sha256sum", str(folder / "texts")])
    rate, holds = ROWS / took, not faults
    said = f"{rate:,.0f} rows/s"
    what, wanted = f"hash chain of {ROWS:,} events", f"{CHAIN_RATE:,} rows/s"
    return Figure(what, said, f"sha256sum {ROWS / peer:,.0f}/s", peer / took, wanted, holds and rate >= CHAIN_RATE)


def records(folder: Path) -> Figure:
    """Full verification: signatures, form and strength of sealed records, beside ssh-keygen for each."""
    identity = Identity.create(folder / "state", "bench")
    signer, ledger = identity.signer(), Ledger(folder / "records.db", identity.chain)
    context = Context(identity.person, identity.fingerprint, "me", False, "", False, "LAB", "lab", (), True, "1")
    for number in range(RECORDS):
        ledger.append(Event(f"R{number}", "refused", now(), {"error": "refused", "title": "x"}, {"why": "no"}))
        seal(ledger, f"R{number}", signer, context)
    known = {identity.fingerprint: identity.person}
    began = time.perf_counter()
    faults = ledger.verify()
    found = [check_record(d.run, d.text.encode(), d.signature, known) for d in ledger.documents(NAMESPACE)]
    took = time.perf_counter() - began
    document = ledger.documents(NAMESPACE)[0]
    (folder / "signature").write_text(document.signature)
    (folder / "allowed").write_text(f"{identity.person} {Path(identity.key + '.pub').read_text()}")
    argv = ["ssh-keygen", "-Y", "verify", "-f", str(folder / "allowed"), "-I", identity.person, "-n", NAMESPACE]
    peer = min(timed([*argv, "-s", str(folder / "signature")], text=document.text) for _ in range(10)) * RECORDS
    holds = not faults and {one.verdict for one in found} == {"holds"}
    what, said = f"full verification of {RECORDS:,} records", f"{RECORDS / took:,.0f} records/s"
    return Figure(what, said, f"ssh-keygen {RECORDS / peer:,.0f}/s", peer / took, "stated", holds)


def main() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return [writers(Path(folder)), chain(Path(folder)), records(Path(folder))]
