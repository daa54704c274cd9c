"""Pipes and devices where a file is wanted: said at once, and never waited for or replaced."""

from __future__ import annotations

import os
import stat

import pytest

from tests.workspace import Desk, bare


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = bare(tmp_path_factory.mktemp("pipes") / "desk", "lead")
    os.mkfifo(made.folder / "pipe")
    os.mkfifo(made.folder / "page.html")
    (made.folder / "a.csv").write_text("Tag,Kind\nA-1,laptop\n", encoding="utf-8")
    (made.folder / "l.csv").write_text("product,quantity,starts,proof\nwinrar,5,2026-01-01,pipe\n", encoding="utf-8")
    assert made.ops("asset", "add", "LAP-1", "laptop", "--location", "Room 1", "--yes").code == 0
    assert made.ops("stocktake", "open", "S1", "--yes").code == 0
    return made


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("asset", "import", "pipe", "--yes"), 2, "pipe is no file"),
        (("asset", "import", "a.csv", "--mapping", "pipe", "--dry-run"), 2, "pipe is not a file"),
        (("asset", "import", "a.csv", "--mapping", "/dev/zero", "--dry-run"), 2, "/dev/zero is not a file"),
        (("asset", "import", "a.csv", "--results", "pipe", "--dry-run"), 2, "pipe cannot be written: it is not a file"),
        (("asset", "retire", "LAP-1", "--save-plan", "pipe"), 2, "pipe cannot be written: it is not a file"),
        (("asset", "label", "LAP-1", "-o", "page.html"), 2, "page.html cannot be written: it is not a file"),
        (("asset", "check-out", "LAP-1", "amy.ng", "--terms", "pipe", "--yes"), 2, "pipe is not a file"),
        (("licence", "import", "pipe", "--dry-run"), 2, "pipe is not a file"),
        (("licence", "import", "l.csv", "--dry-run"), 6, "the proof 'pipe' is not a file"),
        (("licence", "measure", "winrar", "pipe", "--dry-run"), 2, "pipe is not a file"),
        (("stocktake", "scan", "S1", "--from", "pipe"), 2, "pipe is not a file"),
        (("report", "assets", "--template", "pipe"), 2, "pipe is no file"),
    ],
)
def test_a_pipe_where_a_file_is_wanted_is_said_and_stays(
    desk: Desk, words: tuple[str, ...], code: int, said: str
) -> None:
    done = desk.ops(*words)
    assert (done.code, said in done.err) == (code, True), done.err
    assert all(stat.S_ISFIFO((desk.folder / name).stat().st_mode) for name in ("pipe", "page.html"))
