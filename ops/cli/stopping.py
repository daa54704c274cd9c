"""Ctrl-C and its like: the change under way is finished first, unless it may take hours."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click


@contextmanager
def stoppable(at_once: bool = False) -> Iterator[Callable[[], bool]]:
    """Within it, Ctrl-C and SIGTERM only ask to stop; the yielded function says whether somebody did.

    ``at_once`` means that they interrupt, as does a terminal that is closed: what was brought back in clear is taken
    away, and a run that is resumed goes on.
    """
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if at_once:
            for one in set(wanted) - {signal.SIGINT}:  # who ends a session sends several; only a person is impatient
                signal.signal(one, signal.SIG_IGN)
            raise KeyboardInterrupt
        if not asked:
            click.echo("\nstopping after the change that is under way …", err=True)
        asked.append(number)

    wanted = [signal.SIGINT, signal.SIGTERM]
    if at_once and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
        wanted.append(signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in wanted}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
