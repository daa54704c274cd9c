"""Carries out a saved plan and kills itself, for good, at the k-th boundary: python -m tests.lab.victim PLAN RUN K"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from evidence.event import Event
from ops.cli.site import open_site
from ops.plan import load
from ops.runner import Run
from tests.mortal import Clock, MortalTarget


def main(plan: str, run: str, boundary: str) -> None:
    """Start the run; the process is gone before it can end."""
    clock = Clock(int(boundary), lambda: os.kill(os.getpid(), signal.SIGKILL))
    with open_site(ask=False) as site:

        def record(*events: Event, owed: bool = False) -> None:
            clock.tick()
            site.ledger.append(*events, owed=owed)
            clock.tick()

        made = load(Path(plan).read_text(encoding="utf-8"))
        names = {name for step in made.steps for name in step.targets.values()}
        targets: dict[str, Any] = {name: MortalTarget(site.targets[name], clock) for name in names}
        Run(run, targets, record, site.keeper).start(made, check=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
