"""What every benchmark stands on: the practice network, a workspace, a clock, and a table."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inventory.lab import Lab, Running
from ops.cli.table import table

ROOT = Path(__file__).parents[2]
OPS = [sys.executable, "-m", "ops.cli.main"]
GROUPS = ("role-sales", "role-it", "role-legal", "role-finance", "role-research")


@dataclass(frozen=True)
class Figure:
    """One line of the result: ours beside a peer's, as a ratio that is to be at least or at most the target."""

    what: str
    ours: str
    peer: str
    ratio: float
    target: str
    holds: bool


def said(figures: Sequence[Figure]) -> str:
    rows = [(f.what, f.ours, f.peer, f"{f.ratio:.2f}", f.target, "yes" if f.holds else "NO") for f in figures]
    return table(("what", "ours", "peer", "ratio", "target", "holds"), rows, width=160)


def machine() -> str:
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = int(next(line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))) >> 20
    samba = subprocess.run(["samba", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    python = platform.python_version()
    return f"{cpu}, {os.cpu_count()} cores, {memory} GiB; Python {python}; Samba {samba.removeprefix('Version ')}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()


@contextmanager
def network() -> Iterator[tuple[Lab, Running, Path]]:
    """A practice network of its own, and an apprentice's workspace for it."""
    from ops.cli.practice import apprentice_workspace

    lab = Lab(f"bench-{os.getpid()}")
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        running = lab.up()
        apprentice_workspace(lab, running, folder / "practice")
        yield lab, running, folder / "practice"
    finally:
        lab.down()
        shutil.rmtree(folder, ignore_errors=True)


def directory_alone(workspace: Path) -> None:
    """Take the hosts out of a workspace's inventory, for figures beside peers that write to a directory only."""
    hosts = workspace / "inventory/hosts.yaml"
    hosts.write_text(hosts.read_text(encoding="utf-8").partition("dc1-host:")[0], encoding="utf-8")


def inside(lab: Lab) -> list[str]:
    """Words before a command that is to run on the operator's side of the network."""
    return [*OPS, "lab", "shell", "--name", lab.name, "admin", "--"]


def timed(argv: Sequence[str], cwd: Path | None = None, text: str = "", **environment: str) -> float:
    """Seconds from start to exit of a process that must end well."""
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    kept |= {k: v for k, v in os.environ.items() if k.startswith("LAB_")} | environment
    began = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, input=text, env=kept, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)[:200]} answered {done.returncode}: {(done.stdout + done.stderr)[-800:]}")
    return took


def paired(rounds: int, *acts: Callable[[int], float]) -> list[list[float]]:
    """Times of several acts, taken in turns: a shared machine is never the same twice.

    Every other round begins with the last, and what was written before is on the disk by then: else one act pays for
    what another left behind.
    """
    times: list[list[float]] = [[] for _ in acts]
    for number in range(rounds):
        for mine, act in list(zip(times, acts, strict=True))[:: -1 if number % 2 else 1]:
            os.sync()
            mine.append(act(number))
    return times
