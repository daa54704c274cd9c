"""Which backups of a target are of one system: several machines may keep the same paths in one repository."""

from __future__ import annotations

from collections.abc import Sequence

from inventory.backup.model import Backups, Run, System
from ops.errors import InvalidRequest


def of_system(plan: Backups, system: System, runs: Sequence[Run]) -> list[Run]:
    """The backups that were made on a system's own machine, by the name its tool recorded.

    Where only one machine made any, it is believed to be the one, unless it is that of another system. Raise
    ``InvalidRequest`` where several did, and none bears its name, or where a name may be that of several systems.
    """
    mine = _name(system)
    others = {_name(one) for one in plan.systems.values()} - {mine}
    hosts = {run.host: run.host.lower() for run in runs if run.host}
    of = {host: mine if low == mine else low if low in others else "" for host, low in hosts.items()}
    alike = {host: [name for name in (mine, *sorted(others)) if _alike(hosts[host], name)] for host in of}
    if doubtful := [host for host in of if not of[host] and mine in alike[host] and len(alike[host]) > 1]:
        raise _unsaid(system, doubtful, f"that may be {' or '.join(alike[doubtful[0]])}")
    own = {host for host, name in of.items() if name == mine or (not name and mine in alike[host])}
    left = {host for host, name in of.items() if not name and not alike[host]}
    if not own and len(left) > 1:
        raise _unsaid(system, sorted(left), f"and none is called {mine.partition('.')[0]}")
    believed = own or (set() if system.recorded_as else left)
    return [run for run in runs if not run.host or run.host in believed]


def _unsaid(system: System, hosts: Sequence[str], why: str) -> InvalidRequest:
    hint = f"write which one {system.asset} is, as its recorded_as in backups.yaml"
    return InvalidRequest(f"backups of these paths were made on {', '.join(hosts)}, {why}", hint=hint)


def _name(system: System) -> str:
    return (system.recorded_as or system.host).lower()


def _alike(one: str, other: str) -> bool:
    """Whether two names may be of one machine: the same, or the same but for a domain that one of them lacks."""
    short, long = sorted((one, other), key=len)
    return short == long or ("." not in short and long.startswith(f"{short}."))
