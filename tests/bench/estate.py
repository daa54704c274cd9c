"""A hundred thousand assets and a million installations: where one stands, beside merely reading the rows of it."""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert, select

from inventory.register.importing import Wanted, taken_in
from inventory.register.observed import compared, keep_cases, kept_cases, runs, saw
from inventory.register.store import Author, Register
from inventory.register.swap import Swap
from inventory.register.tables import table
from tests.bench import firm, software
from tests.bench.acts import ANY, Taken, act, beside, carry_out, in_turns
from tests.bench.stage import Figure

ASSETS, INSTALLATIONS, OBSERVATIONS, ROUNDS = 100_000, 1_000_000, 20_000, 3
MOST = 3.0
LICENCES = ("asset", "entitlement", "seat", "collected", "installation")
OBSERVED = ("asset", "sighting", "source_run", "kept_case")


def register(path: str | Path) -> Register:
    return Register(Path(path), Author("bench"))


def filled(folder: Path, number: int = ASSETS, rows: int = INSTALLATIONS, looked: int = OBSERVATIONS) -> Path:
    """The whole register of the firm; the day before yesterday's cases are kept in it."""
    path = folder / "register.db"
    file = firm.write_csv(folder / "assets.csv", number)
    imported(str(path), str(file))
    known, made = firm.read_back(file), register(path)
    with made.writing() as pen:
        pen.put([Swap(ref, None, fields) for ref, fields in software.things()], "licences", frozenset())
        for name, found in (
            ("installation", software.installations(known, rows)),
            ("collected", software.hardware(known)),
        ):
            for some in _some(found):
                pen.connection.execute(insert(table(name)), some)
        observed = list(firm.seen(known, looked))
        for run in firm.looks():
            saw(pen, run, run.source, (one for one in observed if one.source == run.source))
    keep(made)
    made.close()
    return path


def _some(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, 20_000)):
        yield some


def keep(made: Register) -> None:
    """Judge, and keep the cases, as ``ops estate reconcile`` does."""
    kept = judged(made)
    with made.writing() as pen:
        keep_cases(pen, kept)


def judged(made: Register) -> Any:
    from inventory.estate.cases import merge
    from inventory.estate.coverage import Coverage
    from inventory.estate.joining import join
    from inventory.estate.verdicts import judge

    with made.reading() as seen:
        (said, alone, _), looked, before = compared(seen), runs(seen, firm.AT), kept_cases(seen)
    today = judge(join(said), looked, firm.AT, firm.networks(), (), alone=alone)
    return merge(before, today, Coverage(tuple(looked), firm.AT))


def imported(path: str, file: str) -> str:
    """``asset import`` of a file, into the register there."""
    made = register(path)
    with made.writing() as pen:
        report = taken_in(pen, Wanted(file))
    made.close()
    return json.dumps(report.numbers)


def by_pandas(path: str, file: str) -> str:
    """The same file into a table that nothing is asked of."""
    import pandas

    engine = create_engine(f"sqlite:///{path}")
    return f"{pandas.read_csv(file).to_sql('asset', engine, if_exists='replace', index=False)} rows"


def position(path: str) -> str:
    """``ops licence position``: the estate, one pass over all installations, every position."""
    from inventory.licence.position import positions
    from inventory.register.licensing import counted

    with register(path).reading() as seen:
        return f"{len(list(positions(*counted(seen, firm.AT.date()))))} positions"


def reconciled(path: str) -> str:
    """What ``ops estate reconcile`` does but for keeping the cases: read, joined, judged, merged."""
    return f"{len(judged(register(path)))} cases"


def read(path: str, *names: str) -> str:
    """Every row of some tables through SQLAlchemy, and nothing done with it."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        asked = connection.execution_options(yield_per=2000)
        return f"{sum(1 for name in names for _ in asked.execute(select(table(name))))} rows"


def read_bare(path: str, *names: str) -> str:
    """The same through the driver alone: no day is made of a text."""
    connection = sqlite3.connect(path)
    asked = (f"SELECT * FROM {name}" for name in names)  # noqa: S608
    return f"{sum(1 for one in asked for _ in connection.execute(one))} rows"


def passes(path: Path) -> list[Figure]:
    """Licences and reconciliation, each beside one reading of the same tables."""
    found = []
    for what, name, tables in (
        (f"licence position, {INSTALLATIONS:,} installations", "position", LICENCES),
        (f"reconciliation, {OBSERVATIONS:,} observations", "reconciled", OBSERVED),
    ):
        ours, peer, bare = in_turns(
            ROUNDS,
            lambda name=name: _act(name, path),
            lambda tables=tables: _act("read", path, *tables),
            lambda tables=tables: _act("read_bare", path, *tables),
        )
        found += [beside(what, ours, peer, "SQLAlchemy alone", MOST)]
        found += [beside("the same", ours, bare, "sqlite3 alone", ANY)]
    return found


def taking_in(folder: Path) -> list[Figure]:
    """One file into an empty register, and again with nothing changed, beside pandas."""
    file = firm.write_csv(folder / "again.csv", ASSETS)
    paths = (folder / f"new-{number}.db" for number in range(ROUNDS))
    firsts: list[Taken] = []
    agains: list[Taken] = []
    peers: list[Taken] = []
    for path in paths:
        firsts.append(_act("imported", path, file))
        agains.append(_act("imported", path, file))
        peers.append(_act("by_pandas", path.with_suffix(".pandas"), file))
    what = f"import of {ASSETS:,} assets"
    return [
        beside(f"{what}, all new", firsts, peers, "pandas", ANY, ASSETS),
        beside(f"{what}, none changed", agains, peers, "pandas", ANY, ASSETS),
    ]


def _act(name: str, *words: object) -> Taken:
    return act("tests.bench.estate", name, *map(str, words))


def main() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return [*taking_in(Path(folder)), *passes(filled(Path(folder)))]


ACTS = {one.__name__: one for one in (imported, by_pandas, position, reconciled, read, read_bare)}

if __name__ == "__main__":
    carry_out(ACTS, sys.argv[1:])
