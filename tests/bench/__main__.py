"""Every figure beside its peer, from one run on this machine: python -m tests.bench [NAME …]"""

from __future__ import annotations

import sys
from importlib import import_module

from tests.bench.stage import machine, said

NAMES = (
    *("start", "onboard", "days", "bulk", "evidence", "portfolio", "memory", "estate", "workbook"),
    *("backups", "vaults", "lab"),
)


def main(*names: str) -> int:
    print(machine())
    missed = 0
    for name in names or NAMES:
        figures = import_module(f"tests.bench.{name}").main()
        missed += sum(not figure.holds for figure in figures)
        print(f"\n{name}\n{said(figures)}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
