"""When a backup program has to be ended: it takes too long, or it stands still.

Measured: restic 0.14 waits for itself for ever, without a word, in one of some thirty times that its target fills up.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from threading import Event, Thread
from time import monotonic
from typing import IO

from ops.errors import Unreachable

KEPT = 1 << 16  # octets of a complaint
AT_LEAST = 1.0  # seconds from one look at what it complains of to the next
LOOKS = 30  # in the time it may stand still
LITTLE = (0.001, 64)  # of a processor, and octets a second: one that does less in that time stands still


@dataclass(frozen=True)
class Limits:
    """How many seconds a program may run, and how many it may stand still; ``hopeless`` is what no waiting mends."""

    seconds: float
    still: float = inf
    hopeless: re.Pattern[bytes] | None = None


@dataclass
class Watch:
    """Looks at a program, what it started and what it complains of; ``failure`` is for what it had to be ended.

    ``hopeless``: it was ended because it tries again and again what cannot be.
    """

    program: str
    pid: int
    said: IO[bytes]
    limits: Limits
    end: Callable[[], None]
    failure: Unreachable | None = None
    hopeless: bool = False

    @contextmanager
    def kept(self) -> Iterator[Watch]:
        """As long as this lasts it is looked at; then it is ended, if it has not."""
        over = Event()
        looking = Thread(target=self._look, args=(over,), daemon=True)
        looking.start()
        try:
            yield self
        finally:
            over.set()
            looking.join()
            self.end()

    def _look(self, over: Event) -> None:
        until, moved, then = monotonic() + self.limits.seconds, monotonic(), (0.0, 0)
        still = self.limits.still
        often = min(still / LOOKS, AT_LEAST if self.limits.hopeless else inf)
        while not (self.failure or self.hopeless or over.wait(max(0.0, min(until - monotonic(), often)))):
            self._listen()
            now, done = monotonic(), worked(self.pid) if still < inf else then
            if any(abs(new - old) > least * still for new, old, least in zip(done, then, LITTLE, strict=True)):
                moved, then = now, done
            if now >= until:
                self._failed(f"did not end within {_said(self.limits.seconds)}", "try it by hand")
            elif now - moved >= still:
                self._failed(f"stood still for {_said(still)}", "is there room where it writes? try it by hand")

    def _listen(self) -> None:
        """It goes on writing where it is in that file, so nothing may move there."""
        known = self.limits.hopeless
        if known and known.search(os.pread(self.said.fileno(), KEPT, 0)):
            self.hopeless = True
            self.end()

    def _failed(self, why: str, hint: str) -> None:
        self.failure = Unreachable(f"{self.program} {why}", hint=hint)
        self.end()  # at last: whoever reads goes on as soon as it is ended


def worked(pid: int) -> tuple[float, int]:
    """Seconds of processor, and octets read and written, of a program and what it started, where we may see it."""
    import psutil

    seconds, octets, all_of_it = 0.0, 0, []
    with suppress(psutil.Error):
        all_of_it = [first := psutil.Process(pid), *first.children(recursive=True)]
    for one in all_of_it:
        with suppress(psutil.Error):
            seconds += sum(one.cpu_times()[:4])  # with those of its children that have ended
            moved = one.io_counters()
            octets += moved.read_chars + moved.write_chars
    return seconds, octets


def _said(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
