"""Whoever waits for a tool sees which, and for how long; whoever does not wait sees nothing."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from io import StringIO

import pytest

from ops.adapters.backup_tool import Tool
from ops.cli.working import working


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def said(monkeypatch: pytest.MonkeyPatch, stream: StringIO, seconds: str, error: type[Exception] | None = None) -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with suppress(ZeroDivisionError), working():
        Tool("sleep", {}, None, "").run([seconds])
        if error:
            raise error
    return stream.getvalue()


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_what_is_at_work_is_said_with_its_time_and_taken_away(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None
) -> None:
    shown = said(monkeypatch, Terminal(), "2.5", error)
    assert re.search(r"sleep at work, \x1b\[33m0:00:01", shown)
    assert shown.endswith("\x1b[1A\x1b[2K")  # the line is cleared


def test_what_is_soon_over_is_not_spoken_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, Terminal(), "0.2") == ""


def test_nothing_is_said_where_no_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, StringIO(), "1.6") == ""
