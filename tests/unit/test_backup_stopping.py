"""Who is stopped or killed in the middle leaves nothing in clear, and speaks of no run that does not exist."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest

from evidence.event import Event, now
from ops.cli.conduct import recorded
from ops.cli.site import open_site
from ops.cli.stopping import stoppable
from ops.errors import OutcomeUnknown
from tests.contract.test_backup import Kept
from tests.unit.kept import kept_by_day
from tests.unit.test_backup_commands import lead
from tests.unit.test_backup_run import here
from tests.workspace import Desk

__all__ = ["here", "kept_by_day", "lead"]


def clear(desk: Desk) -> bool:
    """Whether anything that came back lies there."""
    return any(path.is_file() for path in (desk.folder / "state/restored").glob("*/*/**/*"))


def stopped(desk: Desk, kept: Kept, how: Sequence[int]) -> tuple[int, str]:
    """A restore test that gets signals once something of 64 MiB has come back; its code and what it said."""
    (kept.source / "large").write_bytes(os.urandom(1 << 26))
    kept.keep("second")
    words = [sys.executable, "-m", "ops.cli.main", "backup", "restore-test", "homes"]
    with subprocess.Popen(words, cwd=desk.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as one:
        until = time.monotonic() + 60
        while not clear(desk) and time.monotonic() < until:
            time.sleep(0.005)
        for number in how:
            with suppress(ProcessLookupError):
                os.kill(one.pid, number)
        said = (one.stderr.read() if one.stderr else b"").decode()
    return one.returncode, said


@pytest.mark.parametrize("how", [[signal.SIGTERM], [signal.SIGHUP, signal.SIGTERM, signal.SIGHUP]])
def test_what_came_back_in_clear_goes_when_a_restore_test_is_stopped(lead: Desk, kept: Kept, how: list[int]) -> None:
    code, said = stopped(lead, kept, how)
    assert (code, "stopped before anything was changed" in said) == (130, True), said
    assert list((lead.folder / "state/restored").iterdir()) == []


@pytest.mark.parametrize("words", [("check",), ("run", "homes", "--yes")])
def test_what_a_killed_one_left_in_clear_goes_with_the_next_look(here: Desk, kept: Kept, words: Sequence[str]) -> None:
    left = here.folder / "state/restored/restored-of-a-dead-one"
    left.mkdir(mode=0o700, parents=True)
    (left / "secret").write_text("in clear")
    if words[0] == "run":  # ends before it brings anything back itself
        kept.repository.rename(kept.folder / "gone")
    assert here.ops("backup", *words).code != 0
    assert not left.exists()


def test_where_nothing_was_begun_nobody_is_told_to_go_on(lead: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lead.folder)

    def interrupted() -> None:
        raise KeyboardInterrupt

    with open_site(enter=False) as site:
        with pytest.raises(KeyboardInterrupt):
            recorded(site, "NEVERWAS", interrupted)  # type: ignore[arg-type]
        site.ledger.append(Event("BEGAN", "planned", now(), {}))
        with pytest.raises(OutcomeUnknown) as told:
            recorded(site, "BEGAN", interrupted)  # type: ignore[arg-type]
    assert "ops run resume BEGAN" in told.value.hint


def test_the_signals_that_follow_do_not_stop_what_is_taken_away() -> None:
    """A session that ends sends several."""
    gone: list[str] = []

    def work() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
            pytest.fail("it was not stopped")
        finally:
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGHUP)
            gone.append("all of it")

    with pytest.raises(KeyboardInterrupt), stoppable(at_once=True):
        work()
    assert gone == ["all of it"]


def test_whoever_ignores_a_terminal_that_closes_goes_on_doing_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable(at_once=True):
            signal.raise_signal(signal.SIGHUP)
    except KeyboardInterrupt:
        pytest.fail("it was stopped")
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.fixture
def handlers() -> Iterator[None]:
    """What signals did before is put back, whatever a test leaves."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_a_signal_that_comes_while_they_are_being_set_stops_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    real = signal.signal

    def at_once(number: int, handler: Any) -> Any:
        before = real(number, handler)
        if number == signal.SIGTERM and callable(handler):
            signal.raise_signal(signal.SIGTERM)
        return before

    with monkeypatch.context() as during:
        during.setattr(signal, "signal", at_once)
        with pytest.raises(KeyboardInterrupt), stoppable(at_once=True):
            pytest.fail("it was not stopped")
