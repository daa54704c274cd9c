"""Which backups of a target are of one system: several machines may keep the same paths in one repository."""

from __future__ import annotations

from collections.abc import Sequence

from inventory.backup.model import Backups, Run, System
from ops.errors import InvalidRequest


def of_system(plan: Backups, system: System, runs: Sequence[Run]) -> list[Run]:
    """The backups that were made on a system's own machine, by the name its tool recorded.

    Where only one machine made any, it is believed to be the one, unless it is that of another system. Raise
    ``InvalidRequest`` where several did, and none bears its name.
    """
    mine = _name(system)
    others = {_name(one) for one in plan.systems.values()} - {mine}
    own = [run for run in runs if not run.host or _short(run.host) == mine]
    if any(run.host for run in own):
        return own
    left = [run for run in runs if not run.host or _short(run.host) not in others]
    machines = sorted({run.host for run in left if run.host})
    if len(machines) > 1:
        said = f"backups of these paths were made on {', '.join(machines)}, and none is called {mine}"
        raise InvalidRequest(said, hint=f"write which one {system.asset} is, as its recorded_as in backups.yaml")
    return own if system.recorded_as else left


def _name(system: System) -> str:
    return _short(system.recorded_as or system.host)


def _short(host: str) -> str:
    return host.lower().partition(".")[0]
