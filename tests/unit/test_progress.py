"""How far an import or a report has come: told at a terminal, and nowhere else."""

from __future__ import annotations

import os
import re
import sys

import pexpect
import pytest

from tests.workspace import Desk, bare

ROWS = 2345
MOVES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = bare(tmp_path_factory.mktemp("far") / "desk", "lead")
    rows = "".join(f"LAP-{number},laptop\n" for number in range(ROWS))
    (made.folder / "a.csv").write_text(f"Tag,Kind\n{rows}", encoding="utf-8")
    assert made.ops("asset", "import", "a.csv", "--yes").code == 0
    return made


def at_a_terminal(desk: Desk, *words: str) -> str:
    """What a person sees, with what is wiped away again."""
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    argv = ["-m", "ops.cli.main", *words]
    seen = pexpect.spawn(sys.executable, argv, cwd=desk.folder, env=environment, timeout=120, encoding="utf-8")
    seen.expect(pexpect.EOF)
    seen.close()
    assert seen.exitstatus == 0, seen.before
    return MOVES.sub("", seen.before)


def test_an_import_tells_at_a_terminal_how_many_rows_it_has_seen(desk: Desk) -> None:
    assert f"{ROWS:,} rows, 0:0" in at_a_terminal(desk, "asset", "import", "a.csv", "--partial", "--dry-run")
    piped = desk.ops("asset", "import", "a.csv", "--number", "X-", "--dry-run")
    assert (piped.code, " rows, " in piped.err) == (0, False), piped.err


def test_a_report_tells_at_a_terminal_how_far_it_is_and_not_where_json_is_asked_for(desk: Desk) -> None:
    seen = at_a_terminal(desk, "report", "assets", "-o", "a.xlsx")
    told = [int(number.replace(",", "")) for number in re.findall(r"([\d,]+) rows, 0:0", seen)]
    assert max(told) >= ROWS - ROWS % 500
    assert " rows, " not in at_a_terminal(desk, "report", "assets", "--json")
