"""Several things at once, a few at a time: the order of answers is that of the questions, and ^C ends every program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from ops.adapters.backup_tool import running

AT_ONCE = 4  # tools that derive a key and read packs take memory and disks, not only time
T = TypeVar("T")


def side_by_side(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of them; what each returns, in their order. What one raises is raised when all have ended.

    Whoever is interrupted meanwhile ends the programs that run, and starts no more.
    """
    pool = ThreadPoolExecutor(max(1, min(AT_ONCE, len(acts))), "look")
    with running.kept_together():
        try:
            begun = [pool.submit(act) for act in acts]
            wait(begun)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            running.end()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return [one.result() for one in begun]
