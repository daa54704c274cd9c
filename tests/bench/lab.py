"""How long a practice network takes, the first time on a machine and ever after, beside provisioning alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median

from inventory.lab import Lab
from tests.bench.stage import OPS, Figure, timed

FIRST, LATER, ROUNDS = 15.0, 2.0, 5
GONE, HELD = 1.0, 300  # seconds; MiB


def provision(folder: Path) -> float:
    """What samba-tool takes for an empty domain."""
    (folder / "empty.conf").touch()
    words = [f"--configfile={folder}/empty.conf", f"--targetdir={folder}/dc", "--realm=LAB.EXAMPLE", "--domain=LAB"]
    more = ["--server-role=dc", "--dns-backend=SAMBA_INTERNAL", "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb"]
    return timed(["samba-tool", "domain", "provision", *words, *more], folder)


def held(name: str) -> tuple[float, float]:
    """MiB that all processes of a network hold, shared pages counted once; and those of the controller alone."""
    import psutil

    anchor = psutil.Process(Lab(name).state.read()["anchor"])
    found = [(one.name(), one.memory_full_info().pss / (1 << 20)) for one in anchor.children(recursive=True)]
    return sum(size for _, size in found), sum(size for what, size in found if what == "samba")


def main() -> list[Figure]:
    name = f"bench-{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        own = {"LAB_CACHE": f"{place}/cache"}
        lab = [*OPS, "lab"]

        def up() -> float:
            return timed([*lab, "up", "--name", name, "--workspace-folder", f"{place}/practice"], place, **own)

        def down() -> float:
            return timed([*lab, "down", "--name", name], place, **own)

        first, later, ends = up(), list[float](), list[float]()
        for _ in range(ROUNDS):
            ends.append(down())
            later.append(up())
        all_of_it, controller = held(name)
        ends.append(down())
        empty, again, gone = provision(place), median(later), median(ends)
    peer, alone = f"an empty domain {empty:.1f} s", f"its controller alone {controller:.0f} MiB"
    memory = all_of_it / controller
    return [
        Figure("lab up, the first time", f"{first:.1f} s", peer, first / empty, f"at most {FIRST} s", first <= FIRST),
        Figure("lab up, later", f"{again:.2f} s", peer, again / empty, f"at most {LATER} s", again <= LATER),
        Figure("lab down", f"{gone:.2f} s", peer, gone / empty, f"at most {GONE} s", gone <= GONE),
        Figure("lab of five hosts", f"{all_of_it:.0f} MiB", alone, memory, f"at most {HELD} MiB", all_of_it <= HELD),
    ]
