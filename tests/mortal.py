"""Things that let a run die at the k-th boundary: around every event and around every write to a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class Killed(BaseException):
    """Stands for kill -9: nothing in the code may catch it."""


class Clock:
    """Counts boundaries and calls ``die`` at the k-th."""

    def __init__(self, dies_at: int, die: Callable[[], object]) -> None:
        self._left, self._die = dies_at, die

    def tick(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._die()


class MortalTarget:
    """A target with a boundary before and after each change that is applied to it."""

    def __init__(self, target: Any, clock: Clock) -> None:
        self._target, self._clock = target, clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def apply_all(self, changes: Sequence[Any]) -> list[Any]:
        said = []
        for change in changes:
            self._clock.tick()
            said += self._target.apply_all([change])
            self._clock.tick()
        return said


def kill() -> None:
    raise Killed
