"""How long a practice network takes, the first time on a machine and ever after, beside provisioning alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.stage import OPS, Figure, timed

FIRST, LATER, ROUNDS = 15.0, 2.0, 5


def provision(folder: Path) -> float:
    """What samba-tool takes for an empty domain."""
    (folder / "empty.conf").touch()
    words = [f"--configfile={folder}/empty.conf", f"--targetdir={folder}/dc", "--realm=LAB.EXAMPLE", "--domain=LAB"]
    more = ["--server-role=dc", "--dns-backend=SAMBA_INTERNAL", "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb"]
    return timed(["samba-tool", "domain", "provision", *words, *more], folder)


def main() -> list[Figure]:
    name = f"bench-{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        own = {"LAB_CACHE": f"{place}/cache"}
        lab = [*OPS, "lab"]

        def up() -> float:
            return timed([*lab, "up", "--name", name, "--workspace-folder", f"{place}/practice"], place, **own)

        def down() -> None:
            timed([*lab, "down", "--name", name], place, **own)

        first, later = up(), list[float]()
        for _ in range(ROUNDS):
            down()
            later.append(up())
        down()
        empty, again = provision(place), median(later)
    peer = f"an empty domain {empty:.1f} s"
    return [
        Figure("lab up, the first time", f"{first:.1f} s", peer, first / empty, f"at most {FIRST} s", first <= FIRST),
        Figure("lab up, later", f"{again:.2f} s", peer, again / empty, f"at most {LATER} s", again <= LATER),
    ]
