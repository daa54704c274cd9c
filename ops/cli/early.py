"""Ctrl-C while the command is still being loaded, and after it has ended: no traceback, and the exit code is true.

Standard library only, for it comes before everything else.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

STOPPED = 130
IMPORTING = "<frozen importlib._bootstrap>"  # its cb takes the lock of a module away
SOON = 0.01  # seconds
SAID = "\nstopped before anything was changed\n"


def hush() -> None:
    """From now on Ctrl-C ends the process at once: nothing was begun. Where it is ignored already, it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def listen() -> None:
    """From now on Ctrl-C interrupts, and whoever runs says what became of it."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, _interrupt)


def over() -> None:
    """From now on Ctrl-C comes too late: the command has ended, and its exit code says how."""
    if signal.getsignal(signal.SIGINT) in (_leave, _interrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    os.write(2, SAID.encode())
    os._exit(STOPPED)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    if frame is not None and frame.f_code.co_name == "cb" and frame.f_code.co_filename == IMPORTING:
        signal.signal(signal.SIGALRM, _interrupt)  # what is raised in there is shown as a traceback, and lost
        signal.setitimer(signal.ITIMER_REAL, SOON)
        return
    raise KeyboardInterrupt
