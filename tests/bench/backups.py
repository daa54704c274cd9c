"""A manifest of many files beside sha256sum over them, and the memory of a long one beside a short one."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import mkdtemp

from tests.bench.stage import Figure, paired, timed

ROUNDS, MANY, FEW, LARGEST = 3, 100_000, 10_000, 16_384
MEASURED = """
import resource, sys
from inventory.backup.manifest import Manifest, written
from inventory.backup.measuring import measured
with open(sys.argv[1], "wb") as file:
    file.writelines(written({}, measured(sys.argv[2:])))
with open(sys.argv[1], "rb") as file:
    assert sum(1 for _ in Manifest(file))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
SUMS = 'find "$1" -type f -print0 | xargs -0 sha256sum -- > "$2"'


def filled(folder: Path, number: int) -> Path:
    """So many files of up to 16 KiB, a hundred in a folder."""
    chance = random.Random(number)  # noqa: S311  content, not secrets
    for start in range(0, number, 100):
        below = folder / f"{start // 10_000}" / f"{start}"
        below.mkdir(parents=True)
        for name in range(start, start + 100):
            (below / f"{name}").write_bytes(chance.randbytes(chance.randrange(LARGEST)))
    return folder


def ours(folder: Path, work: Path) -> list[str]:
    return [sys.executable, "-c", MEASURED, str(work / "manifest"), str(folder)]


def main() -> list[Figure]:
    work = Path(mkdtemp(prefix="bench-"))
    try:
        folder, short = filled(work / "many", MANY), filled(work / "few", FEW)
        acts = (
            lambda _: timed(ours(folder, work)),
            lambda _: timed(["bash", "-c", SUMS, "-", str(folder), str(work / "sums")]),
        )
        mine, sums = map(median, paired(ROUNDS, *acts))
        peaks = [int(subprocess.check_output(ours(one, work))) for one in (short, folder)]
    finally:
        shutil.rmtree(work)
    few, many = peaks
    what = f"manifest of {MANY:,} files, written and read back"
    kept = f"memory of a manifest of {MANY:,} files"
    return [
        Figure(what, f"{mine:.2f} s", f"sha256sum {sums:.2f} s", sums / mine, "at least 0.8", sums >= 0.8 * mine),
        Figure(
            kept, f"{many >> 10} MiB", f"{FEW:,} files {few >> 10} MiB", many / few, "at most 1.15", many <= 1.15 * few
        ),
    ]
