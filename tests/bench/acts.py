"""One act in a process of its own, with the time it took of the processor and the most memory that process ever had.

Time of the processor, as each act is one thread that waits for nobody: what else runs here does not count.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.cli.root import YOUNG
from tests.bench.stage import ROOT, Figure

Act = Callable[..., object]
ANY = float("inf")  # a ratio that is told, with no target


@dataclass(frozen=True)
class Taken:
    """Seconds of the act alone, peak memory of its process in MiB, and what it answered."""

    seconds: float
    memory: int
    answer: str

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, {self.memory} MiB"


def carry_out(acts: Mapping[str, Act], argv: Sequence[str]) -> None:
    """Do the act that the words name, and tell: for ``python -m`` of a module that has acts."""
    name, *arguments = argv
    gc.set_threshold(YOUNG)  # as the command line does
    began = time.process_time()
    answer = acts[name](*arguments)
    took = time.process_time() - began
    told = f"{took} {_peak()} {answer}\n"
    sys.stdout.write(told)


def _peak() -> int:
    """Of this program alone: what getrusage tells begins with the memory of the process it was started from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def act(module: str, *words: str) -> Taken:
    """An act of a module, in a new process."""
    argv = [sys.executable, "-m", module, *words]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr[-800:]}")
    seconds, memory, answer = done.stdout.splitlines()[-1].split(" ", 2)
    return Taken(float(seconds), int(memory), answer)


def in_turns(rounds: int, *acts: Callable[[], Taken]) -> list[list[Taken]]:
    """Several acts, one after the other, again and again: a shared machine is never the same twice."""
    found: list[list[Taken]] = [[] for _ in acts]
    for _ in range(rounds):
        for mine, one in zip(found, acts, strict=True):
            mine.append(one())
    return found


def beside(what: str, ours: Sequence[Taken], peer: Sequence[Taken], name: str, most: float, things: int = 0) -> Figure:
    """The middle one of each round's ratios, which is to be at most so much, and how far apart they are.

    ``things`` are told by the second instead of seconds in all.
    """
    ratios = sorted(one.seconds / other.seconds for one, other in zip(ours, peer, strict=True))
    ratio = statistics.median(ratios)
    target = "stated" if most == ANY else f"at most {most:g}"
    mine, theirs = (_told(min(some, key=lambda one: one.seconds), things) for some in (ours, peer))
    spread = f"{target} ({ratios[0]:.1f}-{ratios[-1]:.1f})"
    return Figure(what, mine, f"{name} {theirs}", ratio, spread, ratio <= most)


def _told(one: Taken, things: int) -> str:
    return f"{things / one.seconds:,.0f}/s, {one.memory} MiB" if things else str(one)
