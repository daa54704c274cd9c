"""The files of a bulk run: a pipe or a device is one clear line at once, never a command that hangs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ops.cli.rows import Results, rows_of
from ops.errors import InvalidRequest
from ops.playbook_file import parse
from tests.company import ROOT

BOOK = parse(ROOT / "playbooks/user/cut_off.yaml", "cut_off")
NEEDED = ",".join(ask.name for ask in BOOK.asks if ask.default is None)


@pytest.mark.timeout(20)
def test_rows_come_from_a_file_and_from_nothing_that_hangs(tmp_path: Path) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "rows.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), tmp_path):
        with pytest.raises(InvalidRequest):
            list(rows_of(path, BOOK))
    file.write_bytes(f"\ufeff{NEEDED}\r\nzoë\r\n".encode())
    assert list(rows_of(file, BOOK)) == [(2, {NEEDED: "zoë"})]
    file.write_bytes(NEEDED.encode() + b"\n\xff\n")
    with pytest.raises(InvalidRequest, match="cannot be read as text"):
        list(rows_of(file, BOOK))


@pytest.mark.timeout(20)
def test_results_into_a_pipe_nobody_reads_are_refused_before_anything_is_done(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InvalidRequest, match="cannot be written"):
        Results(pipe).begin()
