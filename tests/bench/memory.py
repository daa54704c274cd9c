"""Memory of a large file of rows, beside one a tenth as long: it must not grow with the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.bulk import starters
from tests.bench.stage import OPS, Figure, network

SHORT, LONG, MOST = 1_000, 10_000, 1.15
PEAK = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(workspace: Path, rows: Path) -> int:
    """The most memory a dry run of all rows took, in KiB."""
    argv = [sys.executable, "-c", PEAK, *OPS, "user", "onboard", "--rows", str(rows), "--dry-run"]
    done = subprocess.run(argv, cwd=workspace, capture_output=True, text=True, check=True)
    code, memory = map(int, done.stdout.split())
    if code:
        raise RuntimeError(f"a dry run of {rows} answered {code}")
    return memory


def main() -> list[Figure]:
    with network() as (_, _, workspace):
        peaks = [peak(workspace, starters(f"Mem{n}x", workspace / f"{n}.csv", n)) for n in (SHORT, LONG)]
    few, many = peaks
    ours, peer = f"{many >> 10} MiB", f"{SHORT:,} rows {few >> 10} MiB"
    return [Figure(f"dry run of {LONG:,} rows", ours, peer, many / few, f"at most {MOST}", many <= MOST * few)]
