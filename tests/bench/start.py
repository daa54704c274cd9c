"""How long help takes, beside a Python that only imports click."""

from __future__ import annotations

import sys
from statistics import median

from tests.bench.stage import OPS, Figure, paired, timed

ROUNDS, MOST = 15, 3.0


def main() -> list[Figure]:
    commands = {"ops --help": ["--help"], "ops account unlock --help": ["account", "unlock", "--help"]}
    acts = [lambda _, words=words: timed([*OPS, *words]) for words in commands.values()]
    *ours, peer = map(median, paired(ROUNDS, *acts, lambda _: timed([sys.executable, "-c", "import click"])))
    said = f"import click {peer * 1e3:.0f} ms"
    return [
        Figure(name, f"{mine * 1e3:.0f} ms", said, mine / peer, f"at most {MOST}", mine <= MOST * peer)
        for name, mine in zip(commands, ours, strict=True)
    ]
