"""A line on the terminal while programs such as restic are at work: they may take hours and say nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from ops.adapters.backup_tool import running

PATIENCE = 1.0  # seconds in which nobody wonders


@contextmanager
def working() -> Iterator[None]:
    """Say which programs are at work, and for how long already; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield
        return
    over = Event()
    telling = Thread(target=_tell, args=(over,), daemon=True)
    telling.start()
    try:
        yield
    finally:
        over.set()
        telling.join()


def _tell(over: Event) -> None:
    """Not before one has run for a while: until then something may be asked in that line."""
    while not over.wait(PATIENCE):
        if running.programs():
            _shown(over)


def _shown(over: Event) -> None:
    from rich.console import Console
    from rich.progress import Progress, TimeElapsedColumn

    with Progress("  {task.description}", TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        while programs := running.programs():
            bar.update(task, description=f"{', '.join(programs)} at work,", refresh=True)
            if over.wait(PATIENCE / 4):
                return
