"""Ctrl-C: the change under way is finished first, unless it may take hours."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click


@contextmanager
def stoppable(at_once: bool = False) -> Iterator[Callable[[], bool]]:
    """Within it, Ctrl-C and SIGTERM only ask to stop; the yielded function says whether somebody did.

    ``at_once`` means that they interrupt: a run that is resumed goes on.
    """
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if at_once:
            raise KeyboardInterrupt
        if not asked:
            click.echo("\nstopping after the change that is under way …", err=True)
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
