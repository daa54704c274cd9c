"""Sentences on a terminal of 80 columns are broken between words; what is piped is not broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect

from tests.workspace import bare

ROOT, WIDTH = Path(__file__).parents[2], 80


def on_a_terminal(folder: Path, *words: str) -> list[str]:
    """The lines of a command as they were sent to a terminal of 80 columns."""
    environment = {"TERM": "dumb", "PYTHONPATH": str(ROOT), "HOME": str(folder), "PATH": "/usr/bin:/bin"}
    argv = ["-m", "ops.cli.main", *words]
    seen = pexpect.spawn(sys.executable, argv, cwd=folder, env=environment, dimensions=(24, WIDTH), encoding="utf-8")
    seen.expect(pexpect.EOF, timeout=60)
    seen.close()
    assert seen.exitstatus == 0, seen.before
    return [str(line) for line in (seen.before or "").splitlines()]


def test_what_init_says_fits(tmp_path: Path) -> None:
    first = on_a_terminal(tmp_path, "init", "--evidence-only", "--folder", "desk", "--name", "Amy Ng")
    again = on_a_terminal(tmp_path, "init", "--folder", "desk")
    for line in [*first, *again]:
        assert len(line) <= WIDTH or str(tmp_path) in line, line
    assert "next: print your card for the IT lead" in " ".join(first)


def test_what_a_dry_run_says_fits(tmp_path: Path) -> None:
    desk = bare(tmp_path / "desk")
    why = "it is being replaced, and until then somebody looks at it by hand each week, as was agreed in March"
    words = ("audit", "waive", "estate.register", "warranty", "LAP-9", why, "Bob Ray", "2999-01-01", "--dry-run")
    lines = on_a_terminal(desk.folder, *words)
    assert [line for line in lines if len(line) > WIDTH] == []
    assert "each week" in " ".join(" ".join(lines).split())
    assert any(why in line for line in desk.ops(*words).out.splitlines()), "nothing is broken in a pipe"
