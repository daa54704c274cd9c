"""A backup program never outlives whoever started it, at whatever moment that one is killed."""

from __future__ import annotations

import os
import time
from pathlib import Path
from signal import SIGKILL

import pytest

from ops.adapters.backup_tool import PATH, Tool

SLOW = '#!/bin/sh\ntouch "{begun}"\nsleep 1\nexec /usr/bin/setpriv "$@"\n'


def appeared(file: Path, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.02)
    return file.exists()


@pytest.mark.parametrize("killed", [True, False])
def test_one_whose_parent_is_killed_before_it_could_ask_to_die_with_it_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """What asks for it is slow here; else it is a matter of milliseconds."""
    begun, did = tmp_path / "begun", tmp_path / "did"
    (tmp_path / "setpriv").write_text(SLOW.format(begun=begun))
    (tmp_path / "setpriv").chmod(0o755)
    monkeypatch.setattr("ops.adapters.backup_tool.PATH", f"{tmp_path}:{PATH}")
    child = os.fork()
    if not child:
        Tool("touch", {}, None, "").run([str(did)])
        os._exit(0)
    assert appeared(begun, 20)
    if killed:
        os.kill(child, SIGKILL)
    os.waitpid(child, 0)
    assert appeared(did, 3 if killed else 20) is not killed


def test_words_reach_it_as_they_are() -> None:
    words = ["$(id)", "a'b\"c", "", "-e", "two\nlines", "--", "*"]
    said = b"".join(Tool("printf", {}, None, "").lines(["%s\\0", *words]))
    assert said.decode().split("\0") == [*words, ""]
